import type { Config } from '../../config.ts';
import { LABELS } from '../../clusters/labels.ts';
import { askState } from '../../control/control-client.ts';
import type { ControlState } from '../../control/state.ts';
import { dockerClient } from '../../engines/docker-client.ts';
import { runningMachines } from '../../engines/embedded/running-machines.ts';
import { engineBeside, type EngineBeside } from '../../engines/embedded/start-embedded.ts';
import type { Engine } from '../../engines/engine.ts';
import { OWNER_LABEL } from '../../engines/owner.ts';
import { isSystemError } from '../../engines/system-error.ts';
import { UserError } from '../../engines/user-error.ts';
import { readAllUsed } from '../external-record.ts';
import { engineId, type Parts } from '../parts.ts';
import { count } from '../quantities.ts';
import { requireFreePort } from '../require-free-port.ts';
import { ok, problem, warning, type Finding } from './finding.ts';

const ENGINE_ANSWER_MS = 5_000;

/** Whether a server and an engine run, and whether the port of the page is free for one. */
export async function running(
  config: Pick<Config, 'cache' | 'port' | 'site'>,
  parts: Parts,
): Promise<Finding[]> {
  let state: ControlState | null;
  try {
    state = await askState(config.cache);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [problem('server', 'A Drydock runs that cannot be asked.', error.message)];
  }
  return [server(state), await engine(config.cache, state, engineId(parts)), await port(config, state)];
}

function server(state: ControlState | null): Finding {
  if (state === null) return ok('server', 'No Drydock is running.', { running: false });
  const { pid, url, status, labs, command } = state;
  return ok(
    'server',
    `Drydock is ${status}${url === null ? '' : ` at ${url}`} (${command}, process ${pid}), with ${count(labs.length, 'lab')}.`,
    { running: true, pid, url, status, labs: labs.length },
  );
}

async function engine(cache: string, state: ControlState | null, current: string): Promise<Finding> {
  const machines = await runningMachines(cache);
  const beside = await engineBeside(cache, 'server');
  const outdated = beside !== null && beside.build.id !== current;
  const data = { running: machines.length > 0, machines, outdated };
  if (machines.length === 0)
    return (await leftOnExternal(cache, state)) ?? ok('engine', 'No engine is running.', data);
  if (state !== null && outdated) {
    return warning(
      'engine',
      'The engine that runs is of an earlier version, or was started with other settings, as labs are open that began on it.',
      'Start Drydock again when they have ended, which replaces it, or after “npm run drydock -- down”.',
      data,
    );
  }
  if (state !== null) return ok('engine', 'An engine is running, for the Drydock that is.', data);
  const clusters = await clustersOn(beside);
  const holding =
    clusters === null ? 'and does not say what is on it' : `with the hosts of ${count(clusters, 'lab')}`;
  return warning(
    'engine',
    `An engine is running ${holding}, left by a Drydock that has gone.`,
    'Start Drydock, which takes it over, or end it with “npm run drydock -- down”.',
    { ...data, clusters },
  );
}

/** What a Drydock that has gone has left on Docker engines that are somebody else's; null where that is nothing. */
async function leftOnExternal(cache: string, state: ControlState | null): Promise<Finding | null> {
  if (state !== null) return null;
  for (const { engine: holder, owner } of await readAllUsed(cache)) {
    const clusters = await countClusters(holder, `${OWNER_LABEL}=${owner}`);
    if (clusters === null || clusters === 0) continue;
    return warning(
      'engine',
      `The hosts of ${count(clusters, 'lab')} run on the Docker engine at ${holder.environment.DOCKER_HOST}, left by a Drydock that has gone.`,
      'Start Drydock, which goes on with them, or end them with “npm run drydock -- down”.',
      { running: false, machines: [], clusters },
    );
  }
  return null;
}

/** How many clusters the server's engine holds; null where it cannot be asked. */
const clustersOn = async (beside: EngineBeside | null): Promise<number | null> =>
  beside === null ? null : countClusters(beside, LABELS.cluster);

async function countClusters(holder: Pick<Engine, 'environment'>, label: string): Promise<number | null> {
  try {
    const containers = await dockerClient(holder).listContainers({
      all: true,
      filters: { label: [label, LABELS.cluster] },
      abortSignal: AbortSignal.timeout(ENGINE_ANSWER_MS),
    });
    return new Set(containers.map(({ Labels }) => Labels[LABELS.cluster])).size;
  } catch {
    // An engine that hangs, or is just ending, is one that cannot be asked.
    return null;
  }
}

async function port(
  { port: wanted, site: { host, url } }: Pick<Config, 'port' | 'site'>,
  state: ControlState | null,
): Promise<Finding> {
  if (wanted === 0) return ok('port', 'The page will be served on any free port.', { port: wanted });
  const served = state?.url ?? null;
  const isServed = served !== null && (new URL(served).port === String(wanted) || served === url?.origin);
  if (isServed) {
    return ok('port', `Port ${wanted} is used by the Drydock that runs.`, { port: wanted });
  }
  try {
    await requireFreePort({ host, port: wanted });
    return ok('port', `Port ${wanted} is free for the page.`, { port: wanted });
  } catch (error) {
    if (!isSystemError(error, 'EADDRINUSE', 'EACCES')) throw error;
    const why = error.code === 'EACCES' ? 'may not be used by you' : 'is taken';
    return problem('port', `Port ${wanted} ${why}.`, 'Set DRYDOCK_PORT to another, or stop what uses it.', {
      port: wanted,
    });
  }
}
