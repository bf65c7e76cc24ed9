import { readConfig, type Config } from '../../config.ts';
import { UserError } from '../../engines/user-error.ts';
import { loadScenarios } from '../../scenarios/load-scenarios.ts';
import { EGRESS_LIMIT } from '../external-words.ts';
import { hostsOfLargest } from '../lab-engine.ts';
import { findParts } from '../parts.ts';
import { scenarioFolders } from '../scenario-folders.ts';
import { readVersion } from '../version.ts';
import { external } from './external.ts';
import { ok, problem, warning, type DoctorReport, type Finding } from './finding.ts';
import { acceleration, memory, node, packages } from './machine.ts';
import { preparation } from './preparation.ts';
import { running } from './running.ts';
import { scenarioFinding } from './scenarios.ts';

export type DoctorOptions = { root: string; environment: NodeJS.ProcessEnv; isRoot: boolean };

/** What was found on this machine, what is missing and what to do. Looks, and changes nothing. */
export async function doctor(options: DoctorOptions): Promise<DoctorReport> {
  const findings = await look(options);
  return {
    version: await readVersion(options.root),
    ok: findings.every(({ state }) => state !== 'problem'),
    findings,
  };
}

async function look({ root, environment, isRoot }: DoctorOptions): Promise<Finding[]> {
  let config: Config;
  try {
    config = readConfig(environment);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // Without them there is no cache folder to look into.
    return [node(), problem('settings', 'The settings are not usable.', error.message)];
  }
  let folders: readonly string[];
  try {
    folders = await scenarioFolders(root, config);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [node(), problem('scenarios', 'DRYDOCK_SCENARIOS is not usable.', error.message)];
  }
  const loaded = await loadScenarios(...folders);
  const scenarios = [...loaded.scenarios.values()];
  const findings = [node(), await packages(root)];
  // Beyond this no part could be named.
  if (findings.some(({ state }) => state === 'problem')) return findings;
  const docker = await external(config, environment, scenarios);
  const parts = await findParts(config, scenarios);
  return [
    ...findings,
    ...docker.findings,
    egress(config),
    ...(docker.used
      ? []
      : [
          ...(await preparation({ config, parts, isRoot })),
          memory(hostsOfLargest(scenarios), config.machine),
          await acceleration(config.cache),
        ]),
    ...(await running(config, parts)),
    scenarioFinding(loaded),
  ];
}

const egress = (config: Config): Finding =>
  config.egress
    ? warning(
        'egress',
        `DRYDOCK_EGRESS is on. ${EGRESS_LIMIT.en}`,
        'Set DRYDOCK_EGRESS=off where that is not wanted.',
        { egress: true },
      )
    : ok('egress', 'Labs reach no network but that of their own hosts.', { egress: false });
