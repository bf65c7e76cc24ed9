import { prepareLabEngine, ENGINE_STAGES } from '../../server/cli/lab-engine.ts';
import { printStages } from '../../server/cli/stage-printer.ts';
import { readConfig } from '../../server/config.ts';
import { Stages } from '../../server/engines/stages.ts';
import { ownScenarios } from './own-scenarios.ts';

/** Build the engine before the first test that needs it: that is not what they time. */
export default async function prepare(): Promise<void> {
  const config = readConfig(process.env);
  const isRoot = process.getuid?.() === 0;
  const scenarios = await ownScenarios();
  await prepareLabEngine({
    config,
    scenarios: scenarios.values(),
    isRoot,
    announce: (message) => process.stdout.write(`${message}\n`),
    stages: new Stages(printStages(process.stdout, ENGINE_STAGES.length), new AbortController().signal),
  });
}
