import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ENGINE_STAGES, prepareLabEngine } from '../../server/cli/lab-engine.ts';
import { printStages } from '../../server/cli/stage-printer.ts';
import { readConfig } from '../../server/config.ts';
import { bootMachine } from '../../server/engines/embedded/boot-machine.ts';
import { guestShape } from '../../server/engines/embedded/acceleration.ts';
import { guestSize } from '../../server/engines/embedded/guest-shape.ts';
import { startEmbedded } from '../../server/engines/embedded/start-embedded.ts';
import { Stages } from '../../server/engines/stages.ts';
import { loadScenarios } from '../../server/scenarios/load-scenarios.ts';
import { compared, type Row } from './row.ts';

const ROUNDS = 3;
const signal = () => AbortSignal.timeout(300_000);

/** The row of the embedded engine resumed, against booted. */
export async function engineRows(root: string, say: (text: string) => void): Promise<Row[]> {
  const config = readConfig(process.env);
  const { cache } = config;
  const { scenarios } = await loadScenarios(join(root, 'scenarios'));
  const build = await prepareLabEngine({
    config,
    scenarios: scenarios.values(),
    isRoot: process.getuid?.() === 0,
    announce: say,
    stages: new Stages(printStages(process.stderr, ENGINE_STAGES.length), signal()),
  });
  const shape = await guestShape(cache, build, guestSize(config.machine), signal());
  const resume = async () => {
    const began = performance.now();
    await using _ = await startEmbedded(build, {
      cache,
      name: 'bench',
      shape,
      about: async () => ({ id: 'bench', inputs: [] }),
      signal: signal(),
      announce: say,
    });
    return performance.now() - began;
  };
  const boot = async () => {
    const folder = await mkdtemp(join(cache, 'engine-bench'));
    try {
      const began = performance.now();
      const { machine } = await bootMachine(build, shape, { folder, memory: null, signal: signal() });
      await using _ = machine;
      return performance.now() - began;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  // The first makes the snapshot where there is none.
  await resume();
  const resumed: number[] = [];
  const booted: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    say(`the embedded engine booted and resumed, round ${round} of ${ROUNDS}`);
    booted.push(await boot());
    resumed.push(await resume());
  }
  return [compared('the embedded engine resumed; booted', 'ms', resumed, booted, 0.12)];
}
