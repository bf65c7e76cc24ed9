import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { findOnEngine } from '../../server/cli/clean.ts';
import type { StartedEngine } from '../../server/cli/engine-terms.ts';
import { readUsed } from '../../server/cli/external-record.ts';
import { startExternalLab } from '../../server/cli/external-lab.ts';
import { clientEnvironment } from '../../server/cli/client-environment.ts';
import { startLabEngine, type LabEngineOptions } from '../../server/cli/lab-engine.ts';
import type { Cluster, Host } from '../../server/clusters/cluster.ts';
import { readConfig, type Config } from '../../server/config.ts';
import { aptMirror } from '../../server/engines/apt.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import type { Engine } from '../../server/engines/engine.ts';
import { removeAllOf } from '../../server/engines/external/external-engine.ts';
import { OWNER_LABEL, ownerOf } from '../../server/engines/owner.ts';
import { Stages } from '../../server/engines/stages.ts';
import { importBaseImage } from '../../server/images/base-image.ts';
import { EGRESS_LABEL } from '../../server/images/egress.ts';
import type { Ground } from '../../server/images/ground.ts';
import { baseTar } from '../../server/images/prepare-images.ts';
import { SharedImages } from '../../server/images/prepare-shared.ts';
import { HUB } from '../../server/images/registry.ts';
import { routes, type CatalogueEntry } from '../../server/protocol/index.ts';
import type { Scenario } from '../../server/scenarios/scenario.ts';
import { emptyEngine, type EmptyEngine } from '../support/empty-engine.ts';
import { wholeContents } from '../support/engine-contents.ts';
import { enginePid } from '../support/engine-footprint.ts';
import { PORT, PRETEND_INTERNET, pretendAddresses, PRIVATE, PUBLIC } from '../support/pretend-internet.ts';
import { serveLabs } from '../support/own-lab-server.ts';
import { twoStepScenario } from '../support/scenarios.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';

const MINUTE = 60_000;
const ALPINE = join(import.meta.dirname, '../../scenarios/swarm-load-balancing/images/alpine');
/** Somebody else's, under a name that a lab's image has too. */
const THEIRS = 'alpine:latest';
const UNREACHED = ['1', '124'];

const images = [{ name: 'alpine', context: ALPINE }];
const plain: Scenario = { ...twoStepScenario, slug: 'plain', images };
const swarm: Scenario = { ...twoStepScenario, slug: 'swarm', images, needs: ['swarm'] };
/** Once it is asked for it is there, where this machine's kernel has it; those that are looked for here cannot load it. */
const hasIpvs = existsSync('/proc/net/ip_vs');

let empty: EmptyEngine;
let cache: TemporaryFolder;
let running: Engine;
let docker: Docker;
let before: unknown;
let engine: StartedEngine;
const ran: string[] = [];
const said: string[] = [];

const config = (): Config => ({ ...readConfig(process.env), cache: cache.path, engine: 'external' });

const options = (scenarios: readonly Scenario[], changes: Partial<Config> = {}): LabEngineOptions => ({
  config: { ...config(), ...changes },
  scenarios,
  isRoot: process.getuid?.() === 0,
  announce: (message) => said.push(message),
  stages: new Stages(({ stage }) => ran.push(stage.id), AbortSignal.timeout(8 * MINUTE)),
});

const start = (scenarios: readonly Scenario[]): Promise<StartedEngine> =>
  startLabEngine('server', options(scenarios));

beforeAll(async () => {
  empty = await emptyEngine();
  cache = await temporaryFolder();
  const { cache: kept } = readConfig(process.env);
  for (const name of await readdir(kept)) {
    if (/^base-[0-9a-f]{16}$/.test(name))
      await cp(join(kept, name), join(cache.path, name), { recursive: true });
  }
  // Images are built where there is a network to fetch packages from, and run where clusters can have theirs.
  await using builder = await empty.run('machine');
  docker = dockerClient(builder);
  const stages = new Stages(() => undefined, AbortSignal.timeout(8 * MINUTE));
  const makeBase = (work: Parameters<typeof baseTar>[1]) => baseTar(cache.path, work);
  await stages.run({ id: 'theirs', name: { en: '', 'zh-CN': '' } }, async (work) =>
    importBaseImage(docker, await makeBase(work), THEIRS),
  );
  await docker.createContainer({
    name: 'theirs',
    Image: THEIRS,
    Cmd: ['sleep', '1000'],
    HostConfig: { NetworkMode: 'none' },
  });
  await docker.createVolume({ Name: 'theirs' });
  before = await wholeContents(docker);
  const shared = await SharedImages.of({
    docker,
    owner: await ownerOf(cache.path),
    architecture: process.arch === 'arm64' ? 'aarch64' : 'x86_64',
    recipes: images,
    stages,
    makeBase,
  });
  await shared.lookAtKernel();
  await shared.build();
}, 9 * MINUTE);

beforeAll(async () => {
  running = await empty.run('own');
  docker = dockerClient(running);
  vi.stubEnv('DOCKER_HOST', running.environment.DOCKER_HOST);
  ran.length = 0;
  engine = await start([plain, swarm]);
  Object.assign(process.env, clientEnvironment(engine));
}, 2 * MINUTE);

afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  await running?.[Symbol.asyncDispose]();
  await empty?.[Symbol.asyncDispose]();
  await cache?.[Symbol.asyncDispose]();
}, MINUTE);

test('what was built for it before is found again by the engine that DOCKER_HOST names', () => {
  expect(new Set(ran)).toEqual(new Set(['find']));
  expect(engine.environment).toEqual(running.environment);
  expect(said.join('\n')).toContain('DRYDOCK_ENGINE=embedded');
});

test(
  'no layer and no image knows where the packages came from',
  async () => {
    const mirror = new URL(await aptMirror());
    const words = [`${mirror.href.replace(/\/$/, '')} trixie`, `${mirror.host}_debian_dists`];
    for (const folder of ['overlay2', 'image', 'volumes']) {
      const found = await execa(
        'grep',
        ['-rlF', ...words.flatMap((word) => ['-e', word]), join(empty.data, folder)],
        { reject: false },
      );
      expect([folder, found.stdout]).toEqual([folder, '']);
    }
  },
  MINUTE,
);

test.skipIf(hasIpvs)(
  'a lab that needs what the kernel lacks says so in the catalogue, and cannot be started',
  async () => {
    await using server = await serveLabs(engine, [plain, swarm]);
    using learner = server.client('swarm');
    const { body } = await learner.request<CatalogueEntry[]>('GET', routes.scenarios());
    const why = new Map(body.map(({ slug, unavailable }) => [slug, unavailable]));
    expect(why.get('plain')).toBeNull();
    expect(why.get('swarm')).toEqual({
      en: expect.stringContaining('lacks ip_vs'),
      'zh-CN': expect.stringContaining('ip_vs'),
    });
    const refused = await learner.request('POST', routes.session('swarm'));
    expect([refused.status, refused.body.error]).toEqual([503, 'scenario_unavailable']);
  },
);

test(
  'a lab without needs runs there, from Start to a container in a host',
  async () => {
    await using server = await serveLabs(engine, [plain, swarm]);
    using learner = server.client('plain');
    const session = await learner.start();
    const terminals = 'terminals' in session ? session.terminals.map(({ id }) => id) : [];
    expect(terminals).toHaveLength(2);
    const [terminal = ''] = terminals;
    learner.attach(terminal);
    learner.type(terminal, 'docker rmi alpine && docker run --rm alpine echo "it is $((40 + 2))"\r');
    await learner.untilScreen(terminal, ({ text }) => text.includes('it is 42'));
    await learner.request('DELETE', routes.session('plain'));
  },
  2 * MINUTE,
);

test(
  'a host reaches its neighbour and one port of the registry, and nothing else',
  async () => {
    const { provisionOn } = await import('../../server/clusters/provision.ts');
    const provision = (hosts: string[]) =>
      provisionOn(engine.ground)({ hosts }, () => undefined, AbortSignal.timeout(MINUTE));
    await using cluster = await provision(['host01', 'host02']);
    await using other = await provision(['host01']);
    const [host, neighbour, stranger] = [hostOf(cluster), hostOf(cluster, 'host02'), hostOf(other)];
    const registry = (await shell(host, `getent hosts ${HUB.name}`)).split(' ')[0] ?? '';
    const strangersRegistry = (await shell(stranger, `getent hosts ${HUB.name}`)).split(' ')[0] ?? '';
    expect(await reach(host, `${neighbour.address}:22`)).toBe('0');
    expect(await reach(host, `${registry}:443`)).toBe('0');
    for (const target of [
      `${stranger.address}:22`,
      `${strangersRegistry}:443`,
      `${registry}:22`,
      '198.18.0.2:443',
    ]) {
      expect([target, UNREACHED.includes(await reach(host, target))]).toEqual([target, true]);
    }
    // Nor by way of the registry, which is on both networks.
    await shell(host, `ip route replace ${stranger.address} via ${registry}`);
    await shell(stranger, `ip route replace ${host.address} via ${strangersRegistry}`);
    expect(UNREACHED).toContain(await reach(host, `${stranger.address}:22`));
    expect(await shell(host, 'ip route show default')).toBe('');
    expect(await shell(host, 'docker swarm init > /dev/null && docker info -f "{{.Swarm.NodeAddr}}"')).toBe(
      host.address,
    );
  },
  2 * MINUTE,
);

test.skipIf(process.getuid?.() !== 0)(
  'a host is let out to the internet where the operator wishes it, and to nothing of the engine’s machine, its networks and other clusters',
  async () => {
    const { provisionOn } = await import('../../server/clusters/provision.ts');
    const provision = (ground: Ground) =>
      provisionOn(ground)({ hosts: ['host01', 'host02'] }, () => undefined, AbortSignal.timeout(MINUTE));
    await using internet = await internetOf(empty.data);
    const outside = `${PUBLIC}:${PORT}`;
    {
      await using cluster = await provision(engine.ground);
      expect(UNREACHED).toContain(await reach(hostOf(cluster), outside));
    }
    engine = await startLabEngine('server', options([plain, swarm], { egress: true }));
    {
      await using cluster = await provision(engine.ground);
      await using other = await provision(engine.ground);
      const [host, neighbour, stranger] = [hostOf(cluster), hostOf(cluster, 'host02'), hostOf(other)];
      expect(await reach(host, outside)).toBe('0');
      expect(await shell(host, 'getent hosts what.example')).toContain(PUBLIC);
      expect(await reach(host, `${neighbour.address}:22`)).toBe('0');
      const gateway = await shell(host, "ip route show default | cut -d ' ' -f 3");
      await shell(host, `ip route replace ${stranger.address} via ${gateway}`);
      await shell(
        stranger,
        `ip route replace ${host.address} via $(ip route show default | cut -d ' ' -f 3)`,
      );
      const first = host.address.replace(/\d+$/, (last) => `${Number(last) - 1}`);
      for (const target of [
        ...PRIVATE.map((address) => `${address}:${PORT}`),
        `${stranger.address}:22`,
        `${first}:${PORT}`,
        `${gateway}:${PORT}`,
        `172.17.0.1:${PORT}`,
        `${internet.near}:${PORT}`,
      ]) {
        expect([target, UNREACHED.includes(await reach(host, target))]).toEqual([target, true]);
      }
      expect(await shell(host, 'docker swarm init > /dev/null && docker info -f "{{.Swarm.NodeAddr}}"')).toBe(
        host.address,
      );
      expect(engine.limits.map(({ en }) => en).join()).toContain('reach the internet');
    }
    // Where it is turned off again, what let them out is gone.
    engine = await start([plain, swarm]);
    await using cluster = await provision(engine.ground);
    expect(UNREACHED).toContain(await reach(hostOf(cluster), outside));
    expect(await docker.listContainers({ all: true, filters: { label: [EGRESS_LABEL] } })).toEqual([]);
  },
  4 * MINUTE,
);

test(
  'two Drydocks on one engine leave each other’s clusters alone',
  async () => {
    const [{ provisionOn }, { reapClusters }] = await Promise.all([
      import('../../server/clusters/provision.ts'),
      import('../../server/clusters/reap.ts'),
    ]);
    const other: Ground = { ...engine.ground, labels: { [OWNER_LABEL]: 'ffffffffffff' } };
    const provision = (ground: Ground) =>
      provisionOn(ground)({ hosts: ['host01'] }, () => undefined, AbortSignal.timeout(MINUTE));
    await using ours = await provision(engine.ground);
    await using theirs = await provision(other);
    expect(await reapClusters(new Set(), other)).toEqual([theirs.id]);
    await using third = await provision(other);
    expect(await reapClusters(new Set(), engine.ground)).toEqual([ours.id]);
    expect(await shell(hostOf(third), 'hostname')).toBe('host01');
    await removeAllOf(docker, 'ffffffffffff');
    const left = await docker.listContainers({ filters: { label: ['drydock.cluster'] } });
    expect(left).toEqual([]);
  },
  2 * MINUTE,
);

test(
  'a registry that was lost is put beside the clusters of an earlier start again',
  async () => {
    const { provisionOn } = await import('../../server/clusters/provision.ts');
    await using cluster = await provisionOn(engine.ground)(
      { hosts: ['host01'] },
      () => undefined,
      AbortSignal.timeout(MINUTE),
    );
    const { registry } = engine.ground;
    if (!('container' in registry)) throw new Error('The registry is not a container.');
    await docker.getContainer(registry.container).remove({ force: true });
    engine = await start([plain, swarm]);
    expect(engine.adopted).toBe(true);
    expect(await shell(hostOf(cluster), 'docker rmi alpine > /dev/null; docker pull -q alpine')).toContain(
      'alpine',
    );
  },
  2 * MINUTE,
);

test(
  'when it is over, nothing of it runs, and what others have there is as it was',
  async () => {
    await engine[Symbol.asyncDispose]();
    const theirs = await docker.getContainer('theirs').inspect();
    expect(theirs.State.Status).toBe('created');
    expect((await docker.listContainers({ all: true })).map(({ Names }) => Names)).toEqual([['/theirs']]);
  },
  MINUTE,
);

test('“clean” says what is kept on it', async () => {
  expect(await findOnEngine(cache.path)).toEqual([
    { name: running.environment.DOCKER_HOST, kind: 'engine', bytes: expect.any(Number) },
  ]);
});

test.skipIf(hasIpvs)(
  'with auto, it is refused where it lacks what a lab needs, and nothing of Drydock’s stays on it',
  async () => {
    said.length = 0;
    ran.length = 0;
    expect(await startExternalLab('server', options([plain, swarm], { engine: 'auto' }))).toBeNull();
    expect(said.at(-1)).toContain('lacks ip_vs');
    expect(await wholeContents(docker)).toEqual(before);
    expect(await readUsed(cache.path)).toBeNull();
    // It is not built on again to be asked again.
    expect(await startExternalLab('server', options([plain, swarm], { engine: 'auto' }))).toBeNull();
    expect(said.at(-1)).toContain('lacks ip_vs');
    expect(new Set(ran)).toEqual(new Set(['find']));
    const only = await startExternalLab('server', options([plain], { engine: 'auto' })).catch(
      (error: unknown) => error,
    );
    // Without the network to build anew, it gets as far as wanting to.
    expect(String(only)).toContain('kernel-probe');
  },
  MINUTE,
);

/** Lead the engine on a data folder to a namespace that has the addresses of an internet, and answers there. */
async function internetOf(data: string): Promise<AsyncDisposable & { near: string }> {
  const pid = await enginePid(data);
  const addresses = await pretendAddresses();
  // Before a network has any address, it takes every one for a broadcast's.
  const begin = 'ip link set lo up; exec "$@"';
  const far = spawn(
    'unshare',
    ['--net', 'sh', '-c', begin, 'sh', process.execPath, '-e', PRETEND_INTERNET, ...addresses],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(far.stdout, 'data');
  const near = spawn('nsenter', [`--net=/proc/${pid}/ns/net`, process.execPath, '-e', PRETEND_INTERNET], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(near.stdout, 'data');
  const inside = (of: number | undefined, ...words: string[]) =>
    execa('nsenter', [`--net=/proc/${of}/ns/net`, 'ip', ...words]);
  await inside(pid, 'link', 'add', 'outside', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${far.pid}`);
  // An address of the engine's machine that is not of the internet.
  await inside(pid, 'address', 'add', '192.168.99.1/30', 'dev', 'outside');
  await inside(pid, 'link', 'set', 'outside', 'up');
  await inside(pid, 'route', 'add', 'default', 'via', '192.168.99.2');
  await inside(far.pid, 'address', 'add', '192.168.99.2/30', 'dev', 'eth0');
  await inside(far.pid, 'link', 'set', 'eth0', 'up');
  for (const address of addresses) {
    await inside(far.pid, 'address', 'add', `${address}/32`, 'dev', 'lo');
  }
  return {
    near: '192.168.99.1',
    async [Symbol.asyncDispose]() {
      for (const child of [far, near]) {
        child.kill();
        await once(child, 'exit');
      }
    },
  };
}

const hostOf = (cluster: Cluster, name = 'host01'): Host => {
  const host = cluster.hosts.get(name);
  if (host === undefined) throw new Error(`There is no ${name}.`);
  return host;
};

async function shell(host: Host, command: string): Promise<string> {
  const { stdout } = await host.exec(['bash', '-c', command], { signal: AbortSignal.timeout(MINUTE) });
  return stdout.trim();
}

/** 0 for a connection that was made, and one of UNREACHED where none was. */
const reach = (host: Host, address: string): Promise<string> =>
  shell(host, `timeout 4 bash -c '< /dev/tcp/${address.replace(':', '/')}' 2> /dev/null; echo $?`);
