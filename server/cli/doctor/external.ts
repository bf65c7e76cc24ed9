import type { Config } from '../../config.ts';
import { findExternal, type Search } from '../../engines/external/find-external.ts';
import { UserError } from '../../engines/user-error.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { externalKey } from '../external-lab.ts';
import { readRefused } from '../external-record.ts';
import { externalLimits } from '../external-words.ts';
import { refuseOtherEngine } from '../refuse-other-engine.ts';
import { ok, problem, warning, type Finding } from './finding.ts';

type Found = Extract<Search, { state: 'found' }>['engine'];

/** What was found of Docker engines that are not Drydock's, and whether labs will run on one. */
export type External = { findings: Finding[]; used: boolean };

const EMBEDDED = 'set DRYDOCK_ENGINE=embedded, with which labs run in a virtual machine of Drydock’s own';

/**
 * Look for the Docker engine that labs would run on. It is asked what it is; its kernel is only looked at when Drydock
 * starts, as that takes a container there, and what was found then is told.
 */
export async function external(
  config: Config,
  environment: NodeJS.ProcessEnv,
  scenarios: readonly Scenario[],
): Promise<External> {
  if (config.engine === 'embedded') {
    const message = 'Labs run in a virtual machine of Drydock’s own (DRYDOCK_ENGINE=embedded).';
    return { findings: [ok('docker', message), await clientSettings()], used: false };
  }
  const search = await findExternal({ environment });
  if (search.state === 'found') return found(config, search.engine, scenarios);
  const findings = [missing(config, search), await clientSettings()];
  return { findings, used: config.engine === 'external' };
}

function missing({ engine }: Config, search: Exclude<Search, { state: 'found' }>): Finding {
  if (search.state === 'none') {
    return engine === 'auto'
      ? ok('docker', 'No Docker engine of yours was found, and none is needed.', { found: false })
      : problem(
          'docker',
          'No Docker engine was found, and DRYDOCK_ENGINE=external asks for one.',
          `Start one, name it with DOCKER_HOST, or ${EMBEDDED}.`,
          { found: false },
        );
  }
  const { places, reason } = search;
  const message = `A Docker engine was looked for at ${places.join(', ')} and cannot be used (${reason}).`;
  const data = { found: false, places, reason };
  return engine === 'auto'
    ? warning('docker', message, `See to it, or ${EMBEDDED}; that is what happens now.`, data)
    : problem('docker', message, `See to it, or ${EMBEDDED}.`, data);
}

async function found(config: Config, engine: Found, scenarios: readonly Scenario[]): Promise<External> {
  const refused = await readRefused(config.cache, await externalKey(engine));
  const lacks = refused?.needs ?? {};
  const unavailable = scenarios
    .filter(({ needs }) => needs.some((need) => lacks[need] !== undefined))
    .map(({ slug }) => slug);
  const data = { found: true, engine, lacking: refused, unavailable };
  const which = `the Docker engine ${engine.version} at ${engine.environment.DOCKER_HOST}`;
  const about = `Linux ${engine.kernel}, ${engine.cores} cores, ${engine.memoryMiB} MiB, ${engine.storageDriver}, cgroup v${engine.cgroupVersion}${engine.rootless ? ', without root' : ''}`;
  const missingHere = [...(refused?.hosts ?? []), ...Object.values(lacks).flat()].join(', ');
  if (refused !== null && config.engine === 'auto' && (refused.hosts.length > 0 || unavailable.length > 0)) {
    const message = `Labs do not run on ${which} (${about}): its kernel lacks ${missingHere} for ${unavailable.join(', ') || 'all labs'}.`;
    const remedy = `They run in a virtual machine of Drydock’s own. With DRYDOCK_ENGINE=external those that can run there do.`;
    return { findings: [warning('docker', message, remedy, data), await clientSettings()], used: false };
  }
  const without =
    unavailable.length === 0 ? '' : ` Without ${missingHere} it cannot run ${unavailable.join(', ')}.`;
  const limits = externalLimits(engine, config.egress).map(({ en }) => en ?? '');
  const message = `Labs run on ${which} (${about}).${without} ${limits.join(' ')}`;
  return {
    findings: [warning('docker', message, `Where that is not wanted, ${EMBEDDED}.`, data)],
    used: true,
  };
}

async function clientSettings(): Promise<Finding> {
  try {
    await refuseOtherEngine();
    return ok('testcontainers', 'No setting sends the labs to another engine.');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return problem('testcontainers', 'A setting sends the labs to another engine.', error.message);
  }
}
