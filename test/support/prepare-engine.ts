import { join } from 'node:path';
import { prepareLabEngine, ENGINE_STAGES } from '../../server/cli/lab-engine.ts';
import { printStages } from '../../server/cli/stage-printer.ts';
import { readConfig } from '../../server/config.ts';
import { Stages } from '../../server/engines/stages.ts';
import { ensureSystemPrograms } from '../../server/engines/system-packages.ts';
import { loadScenarios } from '../../server/scenarios/load-scenarios.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Build the engine, and install the browser, before the first test that needs them: neither is what they time. */
export default async function prepare(): Promise<void> {
  const config = readConfig(process.env);
  const isRoot = process.getuid?.() === 0;
  const announce = (message: string) => process.stdout.write(`${message}\n`);
  const onLine = () => undefined;
  await ensureSystemPrograms({ chromium: 'chromium' }, { setup: config.setup, isRoot, announce, onLine });
  const { scenarios } = await loadScenarios(join(ROOT, 'scenarios'));
  await prepareLabEngine({
    config,
    scenarios: scenarios.values(),
    isRoot,
    announce,
    stages: new Stages(printStages(process.stdout, ENGINE_STAGES.length), new AbortController().signal),
  });
}
