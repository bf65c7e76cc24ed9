import { randomUUID } from 'node:crypto';
import type { Cluster } from '../../server/clusters/cluster.ts';
import type { HostName } from '../../server/protocol/index.ts';
import { FakeHost, type Shell } from './fake-host.ts';

/** The contract's fake: hosts in memory, for tests of what stands above clusters. */
export class FakeCluster implements Cluster {
  readonly id = randomUUID();
  readonly hosts: ReadonlyMap<HostName, FakeHost>;
  disposals = 0;
  frozen = false;
  openedAhead = false;
  /** Its removal ends with this; a test that wants it to take time sets another. */
  removed: Promise<void> = Promise.resolve();

  constructor(hosts: readonly HostName[], shell?: Shell) {
    this.hosts = new Map(hosts.map((name) => [name, new FakeHost(name, shell)]));
  }

  host(name: HostName): FakeHost {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`the fake cluster has no ${name}`);
    return host;
  }

  async openAhead(): Promise<void> {
    this.openedAhead = true;
  }

  async freeze(): Promise<void> {
    this.frozen = true;
  }

  async thaw(): Promise<void> {
    this.frozen = false;
  }

  /** Stop one of its hosts, as somebody from outside would. */
  readonly lose = Promise.withResolvers<HostName>();

  untilHostLost(signal: AbortSignal): Promise<HostName> {
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
    return Promise.race([this.lose.promise, aborted]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposals += 1;
    await this.removed;
  }
}
