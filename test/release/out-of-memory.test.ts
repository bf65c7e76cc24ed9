import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type Docker from 'dockerode';
import { clientEnvironment } from '../../server/cli/client-environment.ts';
import { prepareLabEngine } from '../../server/cli/lab-engine.ts';
import type { Cluster } from '../../server/clusters/cluster.ts';
import { readConfig } from '../../server/config.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { guestShape } from '../../server/engines/embedded/acceleration.ts';
import { bootMachine, engineEnvironment } from '../../server/engines/embedded/boot-machine.ts';
import { guestSize } from '../../server/engines/embedded/guest-shape.ts';
import { MACHINE_FILES } from '../../server/engines/embedded/machine-command.ts';
import { Stages } from '../../server/engines/stages.ts';
import { ownScenarios } from '../support/own-scenarios.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { provisionTestCluster } from '../support/test-engine.ts';

const MINUTE = 60_000;
/** Small enough that two hosts within their limits of a gigabyte have more than there is. */
const MEMORY_MIB = 1536;
/** Each smaller than the engine, which the kernel would otherwise end before them. */
const EATERS = { count: 20, mib: 40 } as const;

const owned = new AsyncDisposableStack();
let docker: Docker;
let consoleLog: string;

beforeAll(async () => {
  const config = readConfig(process.env);
  const scenarios = await ownScenarios();
  const signal = AbortSignal.timeout(5 * MINUTE);
  const build = await prepareLabEngine({
    config,
    scenarios: scenarios.values(),
    isRoot: process.getuid?.() === 0,
    announce: () => undefined,
    stages: new Stages(() => undefined, signal),
  });
  const shape = await guestShape(config.cache, build, guestSize({ memoryMiB: MEMORY_MIB }), signal);
  const folder = owned.use(await temporaryFolder()).path;
  // Not resumed: its snapshot would take the place of the one that all others are resumed from.
  const { machine, port, client } = await bootMachine(build, shape, { folder, memory: null, signal });
  owned.use(machine);
  await machine.agent.lease((30 * MINUTE) / 1000);
  const engine = { environment: engineEnvironment(port, client) };
  Object.assign(process.env, clientEnvironment(engine));
  docker = dockerClient(engine);
  consoleLog = join(folder, MACHINE_FILES.console);
}, 10 * MINUTE);

afterAll(() => owned.disposeAsync(), MINUTE);

test(
  'hosts of two labs that want more memory than there is lose it among themselves, and the engine goes on',
  async () => {
    const [one, two, other] = await Promise.all([1, 2, 3].map(() => provisionTestCluster(['host01'])));
    const eaten = await Promise.all([one, two].map((cluster) => command(cluster, eat)));
    const [killed, ownLimit] = [0, 1].map((at) =>
      eaten.map((said) => Number(said.split(' ')[at])).reduce((sum, value) => sum + value),
    );
    expect([killed, ownLimit]).toEqual([expect.toSatisfy((count) => count > 0), 0]);
    expect(await readFile(consoleLog, 'utf8')).not.toContain('the Docker engine ended');
    const containers = await docker.listContainers({ all: true });
    const found = await Promise.all(
      containers.map(async ({ Id, Names }) => {
        const { State, RestartCount } = await docker.getContainer(Id).inspect();
        return { name: Names[0], running: State.Running, restarts: RestartCount };
      }),
    );
    // Three hosts with their probes, and the registry.
    expect(found).toHaveLength(7);
    expect(found.filter(({ running, restarts }) => !running || restarts > 0)).toEqual([]);
    expect(await command(other, 'until docker info > /dev/null 2>&1; do sleep 1; done; hostname')).toBe(
      'host01',
    );
  },
  5 * MINUTE,
);

/**
 * Fills memory with processes that wait for each other's end, and prints how many of them were killed, and how often the
 * host came up against its own limit.
 */
const eat = `perl -e '
  for (1 .. ${EATERS.count}) { next if fork; vec(my $much, (${EATERS.mib} << 20) - 1, 8) = 1; sleep 40; exit 0 }
  my $killed = 0; while (wait != -1) { $killed++ if $? } print "$killed "'
  sed -n 's/^oom //p' /sys/fs/cgroup/memory.events`;

async function command(cluster: Cluster | undefined, line: string): Promise<string> {
  const host = cluster?.hosts.get('host01');
  const signal = AbortSignal.timeout(3 * MINUTE);
  return (await host?.exec(['bash', '-c', line], { signal }))?.stdout.trim() ?? '';
}
