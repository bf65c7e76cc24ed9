import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClusterChecks } from '../../server/checks/cluster-checks.ts';
import { clusterContext } from '../../server/checks/cluster-context.ts';
import { runChecks } from '../../server/checks/run-checks.ts';
import type { Cluster, Host } from '../../server/clusters/cluster.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { embeddedGround } from '../../server/images/ground.ts';
import type { CheckSpec } from '../../server/scenarios/scenario.ts';
import { clusterVariables } from '../../server/scenarios/variables.ts';
import { serveLabs } from '../support/own-lab-server.ts';
import { ownScenario } from '../support/own-scenarios.ts';
import { type PrivateEngine, startPrivateEngine } from '../support/private-engine.ts';
import { letToolsSay, REAL_DOCKER, REPLACE_TOOLS } from '../support/lying-tools.ts';
import { provisionTestCluster } from '../support/test-engine.ts';

const MINUTE = 60_000;
const scenario = await ownScenario('first-steps');

let engine: PrivateEngine;
let cluster: Cluster;

beforeAll(async () => {
  engine = await startPrivateEngine();
  cluster = await provisionTestCluster(scenario.hosts);
}, 10 * MINUTE);

afterAll(() => engine?.[Symbol.asyncDispose](), MINUTE);

describe('a file of a host', { timeout: MINUTE }, () => {
  const read = async (path: string) => {
    await using looks = context();
    return looks.file('host01', path);
  };

  test('is read as it is, through links, by no program of the host’s', async () => {
    await run(
      'host01',
      'mkdir -p /root/a; echo 字 > /root/a/b; ln -s a/b /root/near; ln -s /root/near /root/far',
    );
    for (const path of ['/root/a/b', '/root/near', '/root/far'])
      expect(await read(path)).toEqual({ kind: 'file', text: '字\n' });
  });

  test('that is long is cut, and that is none is told from one', async () => {
    await run(
      'host01',
      'head -c 9000000 /dev/zero | tr "\\0" x > /root/long; mkfifo /root/pipe; ln -s loop /root/loop',
    );
    expect((await read('/root/long'))?.text).toBe('x'.repeat(64 * 1024));
    expect(await read('/root')).toMatchObject({ kind: 'folder' });
    expect(await read('/root/pipe')).toMatchObject({ kind: 'other' });
    for (const path of ['/root/none', '/root/long/none', '/root/loop']) expect(await read(path)).toBeNull();
  });

  test('is not seen where it is in memory alone, which is why a check of one is refused', async () => {
    await run('host01', 'echo hello > /tmp/hello');
    expect(await read('/tmp/hello')).toBeNull();
  });
});

describe('a script beside a host', { timeout: MINUTE }, () => {
  const say = async (script: string, signal = limit()) => {
    await using looks = context({ signal, files: new Map([['look.sh', script]]) });
    return looks.script('host01', 'look.sh');
  };

  test('has the host’s network, processes, engine and files, and the hosts’ addresses', async () => {
    await run('host01', 'echo "a note" > /root/note.txt; docker run -d --name there hello-web');
    const address = cluster.hosts.get('host02')?.address;
    const { exitCode, stdout } = await say(
      `cat "$ROOT/root/note.txt"; docker ps --format '{{.Names}}'; tr '\\0' ' ' < /proc/1/cmdline; echo; echo "$HOST $HOST2_IP"; ip -br addr; exit 3`,
    );
    expect(exitCode).toBe(3);
    expect(stdout).toContain('a note\nthere\n');
    expect(stdout).toContain('start-host');
    expect(stdout).toContain(`host01 ${address}\n`);
    expect(stdout).toContain(`${cluster.hosts.get('host01')?.address}/`);
    await run('host01', 'docker rm -f there');
  });

  test('has memory of its own to write to, and tools that it cannot spoil', async () => {
    const { exitCode, stdout } = await say(
      'echo x > /tmp/x && cat /tmp/x; echo x > /run/x || echo refused; touch /usr/bin/x || echo refused',
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'x\nrefused\nrefused\n' });
  });

  test('is cut off at its deadline and where it prints without end, and leaves nothing', async () => {
    await expect(say('sleep 600', AbortSignal.timeout(1_500))).rejects.toThrow('timeout');
    const { stdout } = await say('timeout 1 yes');
    expect(stdout.length).toBe(64 * 1024);
    await expect.poll(helpers).toEqual([]);
  });
});

describe('a container’s own network', { timeout: MINUTE }, () => {
  test('is entered by a helper that goes with the check, and nothing on the host is told of it', async () => {
    await run(
      'host02',
      'docker network create -d bridge mine; docker run -d --name server --network mine hello-web',
    );
    const id = (await run('host02', 'docker inspect -f "{{.Id}}" server')).trim();
    await using looks = context();
    const told = async () => ({
      containers: await looks.engine('host02').containers(),
      events: await looks.engine('host02').events(),
    });
    const before = await told();
    const inside = looks.inside('host02', id);
    const [host] = (
      await run('host02', 'docker inspect -f "{{.NetworkSettings.Networks.mine.IPAddress}}" server')
    ).split('\n');
    expect(await inside.lookup('server')).toEqual({ addresses: [host] });
    expect(await inside.lookup('nobody')).toEqual({ addresses: [] });
    expect(await inside.httpGet({ address: '127.0.0.1', port: 80 })).toMatchObject({ status: 200 });
    expect((await helpers()).length).toBe(1);
    await looks[Symbol.asyncDispose]();
    await expect.poll(helpers).toEqual([]);
    expect(await told()).toEqual(before);
    await run('host02', 'docker rm -f server');
  });

  test('of one that does not run is told as such', async () => {
    await run('host02', 'docker create --name asleep hello-web');
    const id = (await run('host02', 'docker inspect -f "{{.Id}}" asleep')).trim();
    await using looks = context();
    await expect(looks.inside('host02', id).lookup('x')).resolves.toEqual({
      failure: `Container ${id.slice(0, 12)} on host02 does not run any more.`,
    });
    await run('host02', 'docker rm asleep');
  });
});

describe('what a learner has run and removed', { timeout: MINUTE }, () => {
  test('counts, with what it ran and where', async () => {
    using checks = new ClusterChecks(cluster);
    const step = {
      id: 'a',
      restsOn: [],
      checks: [check('container-ran', { image: 'alpine', network: 'lan', command: 'true now' })],
    };
    expect(await checks.look(step, limit())).toMatchObject([{ outcome: 'fail' }]);
    await run('host01', 'docker network create lan; docker run --rm --network lan alpine true now');
    await expect.poll(() => checks.look(step, limit())).toEqual([{ outcome: 'pass' }]);
    expect(await run('host01', 'docker ps -aq')).toBe('');
  });

  test('counts also for a server that was started later, where its own engine remembers', async () => {
    const ran = check('container-ran', { image: 'alpine', network: 'lan' });
    expect(await runChecks([ran], cluster, limit())).toEqual([{ outcome: 'pass' }]);
  });

  test('counts where it was executed in a container that is there', async () => {
    using checks = new ClusterChecks(cluster);
    await run('host01', 'docker run -d --name box --network lan alpine sleep 600; docker exec box ls /bin');
    const step = {
      id: 'b',
      restsOn: [],
      checks: [check('container-ran', { network: 'lan', command: 'ls /bin' })],
    };
    await expect.poll(() => checks.look(step, limit())).toEqual([{ outcome: 'pass' }]);
    await run('host01', 'docker rm -f box');
  });
});

test(
  'the commands of the first steps are judged by what they have done, whatever the hosts’ tools say',
  async () => {
    for (const step of scenario.steps) {
      const { blocks } = step.page.render(clusterVariables(cluster));
      for (const { host, command } of blocks) await run(host, command);
    }
    await Promise.all(scenario.hosts.map((host) => run(host, REPLACE_TOOLS)));
    const all = scenario.steps.flatMap(({ checks }) => checks);
    await Promise.all(scenario.hosts.map((host) => run(host, letToolsSay('nothing works here', 1))));
    expect(await runChecks(all, cluster, limit())).toEqual(all.map(() => ({ outcome: 'pass' })));
    await Promise.all(scenario.hosts.map((host) => run(host, letToolsSay('<h1>Hello from host01</h1>', 0))));
    await run('host02', `${REAL_DOCKER} rm -f web`);
    const outcomes = (await runChecks(all, cluster, limit())).map((verdict) => verdict?.outcome);
    expect(outcomes).toEqual(['pass', 'fail', 'pass', 'fail']);
  },
  3 * MINUTE,
);

describe('a learner who asks for nothing', () => {
  test(
    'sees each step pass as soon as its commands have done their work, and no reason before',
    async () => {
      const ground = embeddedGround('unowned');
      const terms = { ground, lacking: async () => new Map(), limits: [], runs: async () => true };
      await using served = await serveLabs(terms, [scenario]);
      using learner = served.client(scenario.slug);
      await learner.start();
      for (const host of scenario.hosts) learner.attach(host);
      let ended = 100;
      for (const { id } of scenario.steps) {
        const verdicts = () => learner.session?.steps.find((step) => step.id === id)?.verdicts;
        const passed = () => verdicts()?.every((verdict) => verdict?.outcome === 'pass');
        const blocks = scenario.steps.find((step) => step.id === id)?.page.blocks ?? [];
        for (const block of blocks) {
          expect(verdicts()?.filter((verdict) => verdict !== null && verdict.outcome !== 'pass')).toEqual([]);
          ended += 1;
          learner.type(block.host, `${block.command}; echo "ended $((${ended}))"\r`);
          await learner.untilScreen(block.host, ({ text }) => text.includes(`ended ${ended}`));
        }
        await expect.poll(passed, { timeout: MINUTE }).toBe(true);
        await learner.next();
      }
      await learner.until('finished');
    },
    4 * MINUTE,
  );
});

const limit = () => AbortSignal.timeout(MINUTE);

const check = (validator: string, params: unknown): CheckSpec => ({
  validator,
  params,
  title: {},
  files: new Map(),
});

const context = (options: { signal?: AbortSignal; files?: ReadonlyMap<string, string> } = {}) =>
  clusterContext({ cluster, signal: limit(), patient: true, ...options });

/** The containers that stand beside hosts for a look. */
async function helpers(): Promise<string[]> {
  const filters = { label: ['drydock.helper'] };
  return (await dockerClient(engine).listContainers({ all: true, filters })).map(({ Id }) => Id);
}

function hostNamed(name: string): Host {
  const host = cluster.hosts.get(name);
  if (host === undefined) throw new Error(`There is no ${name}.`);
  return host;
}

/** Run a command as a learner's login shell does; gives what it printed. */
async function run(name: string, command: string): Promise<string> {
  const result = await hostNamed(name).exec(['bash', '-lc', command], { signal: limit() });
  expect(result.exitCode, `${name}: ${command}\n${result.stdout}${result.stderr}`).toBe(0);
  return result.stdout;
}
