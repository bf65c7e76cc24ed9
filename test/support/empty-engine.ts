import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../server/config.ts';
import { makeGuestRoot } from '../../server/engines/embedded/guest-root.ts';
import { startNativeEngine, type NativeNetwork } from '../../server/engines/embedded/native-engine.ts';
import type { Engine } from '../../server/engines/engine.ts';

/** A Docker engine as somebody else may have one, with nothing on it. Disposing it removes all that was put there. */
export interface EmptyEngine extends AsyncDisposable {
  /** Its data, for whoever looks into it while it does not run. */
  readonly data: string;
  /**
   * Run it on this machine's own kernel, in namespaces of its own; one run at a time. On the network `machine` images
   * can be built, on its `own` clusters can be made.
   */
  run(network: NativeNetwork): Promise<Engine>;
}

export async function emptyEngine(): Promise<EmptyEngine> {
  const { cache } = readConfig(process.env);
  const guest = await makeGuestRoot(cache, { onLine: () => undefined, signal: new AbortController().signal });
  const data = await mkdtemp(join(tmpdir(), 'drydock-empty-'));
  return {
    data,
    run: (network) => startNativeEngine(guest.folder, data, new AbortController().signal, network),
    [Symbol.asyncDispose]: () => rm(data, { recursive: true, force: true }),
  };
}
