import { randomUUID } from 'node:crypto';
import type { ShellHost } from '../clusters/cluster.ts';
import type { HostName } from '../protocol/index.ts';
import { ownHost, type OwnHost } from './own-host.ts';

/** No cluster's id begins so. */
const PREFIX = 'own-';

/**
 * The hosts of a session that are machines which exist already: they are neither made nor removed, frozen nor lost, and
 * nothing is looked at on them.
 */
export class OwnHosts implements AsyncDisposable {
  readonly id = PREFIX + randomUUID();
  readonly hosts: ReadonlyMap<HostName, ShellHost>;

  constructor(
    hosts: ReadonlyMap<HostName, OwnHost>,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.hosts = new Map([...hosts].map(([name, host]) => [name, ownHost(name, host, environment)]));
  }

  async freeze(): Promise<void> {}

  async thaw(): Promise<void> {}

  untilHostLost(signal: AbortSignal): Promise<HostName> {
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Whether an id is that of own hosts. */
export const areOwn = (id: string): boolean => id.startsWith(PREFIX);
