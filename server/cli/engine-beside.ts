import { engineBeside } from '../engines/embedded/start-embedded.ts';
import { ownerOf } from '../engines/owner.ts';
import { embeddedGround } from '../images/ground.ts';
import type { StartedEngine } from './engine-terms.ts';
import { readUsed } from './external-record.ts';

export type EngineInUse = Pick<StartedEngine, 'environment' | 'failed' | 'ground' | 'own'> & {
  /** What it was built with; null where that is not known. */
  inputs: ReadonlySet<string> | null;
};

/** The engine of the server that runs from a cache folder, for whoever uses it beside that; null where none is known. */
export async function labEngineBeside(cache: string): Promise<EngineInUse | null> {
  const failed = new AbortController().signal;
  const own = await engineBeside(cache, 'server');
  if (own !== null) {
    const ground = embeddedGround(await ownerOf(cache));
    const inputs = own.build && new Set(own.build.inputs);
    return { environment: own.environment, failed, ground, own: true, inputs };
  }
  const used = await readUsed(cache);
  if (used === null || used.ground === null) return null;
  return { environment: used.engine.environment, failed, ground: used.ground, own: false, inputs: null };
}
