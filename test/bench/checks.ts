import { setTimeout as wait } from 'node:timers/promises';
import type Docker from 'dockerode';
import { ClusterChecks } from '../../server/checks/cluster-checks.ts';
import { runChecks } from '../../server/checks/run-checks.ts';
import type { Cluster } from '../../server/clusters/cluster.ts';
import { LABELS } from '../../server/clusters/labels.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import type { Scenario } from '../../server/scenarios/scenario.ts';
import type { StepToCheck, Verdicts } from '../../server/scenarios/step-to-check.ts';
import { POLL_MS } from '../../server/sessions/lookout.ts';
import { engineProcessorMs } from '../support/engine-footprint.ts';
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts';
import { compared, measured, type Row } from './row.ts';
import { makeSwarm, runInContainer } from './swarm.ts';

const VERDICTS = 40;
const IDLE_ROUNDS = 5;
const LOOKS = 40;
const limit = () => AbortSignal.timeout(120_000);
const ask = (path: string) => `curl -sf --unix-socket /var/run/docker.sock http://docker${path}`;

/** Rows of checks on a cluster that runs on this machine's own kernel: the first step of a scenario, once it holds. */
export async function checkRows(scenario: Scenario, say: (text: string) => void): Promise<Row[]> {
  await using engine = await startPrivateEngine();
  const { provisionCluster } = await import('../../server/clusters/provision.ts');
  await using cluster = await provisionCluster({ hosts: scenario.hosts }, () => undefined, limit());
  const docker = dockerClient(engine);
  const [manager = '', worker = ''] = await hostIds(docker, cluster, scenario.hosts);
  await makeSwarm(docker, manager, worker);
  const [{ id, checks } = { id: '', checks: [] }] = scenario.steps;
  const step = { id, checks, restsOn: [] };
  return [
    await verdictRow(cluster, step, () => bareLooks(docker, manager, worker), say),
    await idleRow(engine, cluster, step, say),
  ];
}

/** What a learner who presses Check waits for, against a script that asks the hosts' engines the same and looks at nothing. */
async function verdictRow(
  cluster: Cluster,
  { checks }: StepToCheck,
  bareScript: () => Promise<void>,
  say: (text: string) => void,
): Promise<Row> {
  say(`${VERDICTS} verdicts, native`);
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < VERDICTS; round++) {
    bare.push(await milliseconds(bareScript));
    ours.push(await milliseconds(async () => requirePassed(await runChecks(checks, cluster, limit()))));
  }
  return compared('a verdict, native; the same looks by a bare script', 'ms', ours, bare, 1.3);
}

/** The looks of `swarm-joined`: one script for each host, as nobody would start more programs than that. */
async function bareLooks(docker: Docker, manager: string, worker: string): Promise<void> {
  await runInContainer(docker, manager, `${ask('/info')} && ${ask('/nodes')}`);
  await runInContainer(docker, worker, ask('/info'));
}

/**
 * What all processes take for looks that nobody has asked for, of the hosts, their probes, the engine and this server,
 * over what they take without, spread over the time between two such looks at a cluster on which nothing happens.
 */
async function idleRow(
  engine: PrivateEngine,
  cluster: Cluster,
  step: StepToCheck,
  say: (text: string) => void,
): Promise<Row> {
  using checks = new ClusterChecks(cluster);
  const docker = dockerClient(engine);
  const busy = async () => {
    const hosts = await containersProcessorMs(docker, cluster.id);
    const { user, system } = process.cpuUsage();
    return hosts + (await engineProcessorMs(engine)) + (user + system) / 1000;
  };
  const grownDuring = async (work: () => Promise<unknown>) => {
    const before = await busy();
    await work();
    return (await busy()) - before;
  };
  const perSecond: number[] = [];
  for (let round = 1; round <= IDLE_ROUNDS; round++) {
    say(`the looks of an idle lab, round ${round} of ${IDLE_ROUNDS}`);
    const began = performance.now();
    const looking = await grownDuring(async () => {
      for (let look = 0; look < LOOKS; look++) requirePassed(await checks.look(step, limit()));
    });
    const took = performance.now() - began;
    const resting = await grownDuring(() => wait(took));
    perSecond.push((looking - resting) / LOOKS / (POLL_MS / 1000));
  }
  return measured('checks that nobody asks for, of an idle lab: processor time a second', 'ms', perSecond, 2);
}

function requirePassed(verdicts: Verdicts): void {
  if (verdicts.some((verdict) => verdict?.outcome !== 'pass')) {
    throw new Error(`The step does not hold: ${JSON.stringify(verdicts)}`);
  }
}

async function milliseconds(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const containersOf = (docker: Docker, cluster: string) =>
  docker.listContainers({ filters: { label: [`${LABELS.cluster}=${cluster}`] } });

async function hostIds(docker: Docker, { id }: Cluster, hosts: readonly string[]): Promise<string[]> {
  const found = await containersOf(docker, id);
  return hosts.map((host) => found.find(({ Labels }) => Labels[LABELS.host] === host)?.Id ?? '');
}

async function containersProcessorMs(docker: Docker, cluster: string): Promise<number> {
  const stats = await Promise.all(
    (await containersOf(docker, cluster)).map(({ Id }) =>
      docker.getContainer(Id).stats({ stream: false, 'one-shot': true }),
    ),
  );
  return stats.reduce((sum, { cpu_stats }) => sum + cpu_stats.cpu_usage.total_usage / 1e6, 0);
}
