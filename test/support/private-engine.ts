import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientEnvironment } from '../../server/cli/client-environment.ts';
import { readConfig } from '../../server/config.ts';
import { cachedFolder } from '../../server/engines/cached-folder.ts';
import { makeGuestRoot } from '../../server/engines/embedded/guest-root.ts';
import { startNativeEngine } from '../../server/engines/embedded/native-engine.ts';
import type { Engine } from '../../server/engines/engine.ts';
import { runProgram } from '../../server/engines/run-program.ts';
import { Stages } from '../../server/engines/stages.ts';
import type { ImageRecipe } from '../../server/images/build-image.ts';
import { labImages } from '../../server/images/prepare-images.ts';
import { ownScenarios } from './own-scenarios.ts';

const { cache } = readConfig(process.env);
const BUILD_LIMIT_MS = 8 * 60_000;

export type PrivateEngineOptions = {
  /** What it is kept under in the cache, where its images are not the labs' alone. */
  name?: string;
  recipes?: readonly ImageRecipe[];
  /** How much its disk holds; as much as this machine's unless told. */
  diskMiB?: number;
};

/** An engine of the tests' own. */
export interface PrivateEngine extends Engine {
  /** The folder that it keeps everything in. */
  readonly data: string;
}

/**
 * A Docker engine on this machine's own kernel, with the labs' images, in namespaces of its own: as quick as any, and
 * nothing that is done to it stays. What swarm needs of a kernel it has only where this machine's has it.
 */
export async function startPrivateEngine({
  name = 'native',
  recipes: more = [],
  diskMiB,
}: PrivateEngineOptions = {}): Promise<PrivateEngine> {
  const signal = AbortSignal.timeout(BUILD_LIMIT_MS);
  const stages = new Stages(() => undefined, signal);
  const scenarios = await ownScenarios();
  const recipes = [...scenarios.values()].flatMap(({ images }) => images);
  const contents = await labImages(cache, [...recipes, ...more]);
  const guest = await makeGuestRoot(cache, { onLine: () => undefined, signal });
  const build = async (target: string) => {
    const data = join(target, 'data');
    await mkdir(data);
    await using engine = await startNativeEngine(guest.folder, data, signal);
    await contents.fill(engine, stages);
  };
  const prepared = await cachedFolder(cache, name, [guest.version, ...contents.inputs], build, signal);
  await using owned = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'drydock-native-'));
  owned.defer(() => rm(folder, { recursive: true, force: true }));
  if (diskMiB !== undefined) {
    await runProgram('mount', ['-t', 'tmpfs', '-o', `size=${diskMiB}m`, 'none', folder]);
    owned.defer(async () => void (await runProgram('umount', [folder])));
  }
  await runProgram('cp', ['--archive', '--reflink=auto', `${join(prepared, 'data')}/.`, folder]);
  const engine = owned.use(
    await startNativeEngine(guest.folder, folder, new AbortController().signal, 'own'),
  );
  Object.assign(process.env, clientEnvironment(engine));
  const held = owned.move();
  return { ...engine, data: folder, [Symbol.asyncDispose]: () => held.disposeAsync() };
}
