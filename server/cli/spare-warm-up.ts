import { join } from 'node:path';
import { digestOfFolder } from '../engines/cached-folder.ts';
import type { WarmUp } from '../engines/embedded/build-embedded.ts';
import { ownerOf } from '../engines/owner.ts';
import { runProgram } from '../engines/run-program.ts';
import { embeddedGround } from '../images/ground.ts';
import type { HostName } from '../protocol/index.ts';
import { clientEnvironment } from './client-environment.ts';
import type { SpareOrder } from './spare-order.ts';

const SERVER = join(import.meta.dirname, '..');

export const NO_WARM_UP: WarmUp = { inputs: [], run: async () => undefined };

/** A spare cluster in the engine's snapshot: an engine that is resumed has hosts before it could start any. */
export async function spareWarmUp(
  cache: string,
  hosts: readonly HostName[],
  subnets: string,
): Promise<WarmUp> {
  const orderOf = (owner: string): string => {
    const order: SpareOrder = { hosts, subnets, ground: embeddedGround(owner) };
    return JSON.stringify(order);
  };
  const program = join(import.meta.dirname, 'leave-spare.ts');
  return {
    // All that makes a cluster, so that nobody is given one that another version has made.
    inputs: [
      // A cache folder is one owner's, who is known only once something is made.
      orderOf(''),
      await digestOfFolder(join(SERVER, 'clusters')),
      await digestOfFolder(join(SERVER, 'images')),
    ],
    async run(engine, signal) {
      const env = { ...clientEnvironment(engine) };
      await runProgram(process.execPath, [program, orderOf(await ownerOf(cache))], { env, signal });
    },
  };
}
