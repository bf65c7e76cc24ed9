import { ownHost, type OwnHost } from '../../server/own-hosts/own-host.ts';
import type { ShellHost } from './pty-contract.ts';

/** Shells of an own host, all of which are ended with it. */
export async function ownShells(
  host: OwnHost,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ShellHost & AsyncDisposable> {
  const shells = ownHost('host01', host, environment);
  const owned = new AsyncDisposableStack();
  return {
    folder: null,
    openPty: async (...words) => owned.use(await shells.openPty(...words)),
    attachPty: (...words) => shells.attachPty(...words),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
