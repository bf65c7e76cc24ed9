import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster, ExecResult } from '../../server/clusters/cluster.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import type { LabEngine } from '../../server/engines/engine.ts';
import { LAB_HOST } from '../../server/images/lab-host.ts';
import { HUB } from '../../server/images/registry.ts';
import { provisionTestCluster, startTestEngine } from '../support/test-engine.ts';

const MINUTE = 60_000;
/** Refused, or no answer. */
const UNREACHED = ['1', '124'];
const IMAGE = 'katacoda/docker-http-server';
const WARNING = 'could not be accessed on a registry';
/** Docker waits for nothing when it is told that an image does not exist; the rest is the emulated commands'. */
const AT_ONCE_MS = 15_000;

let engine: LabEngine;
let cluster: Cluster;
let other: Cluster;

beforeAll(async () => {
  engine = await startTestEngine();
  cluster = await provisionTestCluster(['host01', 'host02']);
  other = await provisionTestCluster(['host01']);
}, 10 * MINUTE);

afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
}, MINUTE);

test(
  'a service is created without a warning, names its image by the digest and runs without a pull',
  async () => {
    await works('docker swarm init');
    const created = await works(`docker service create --name web --replicas 2 -p 81:80 ${IMAGE}`);
    expect(created).not.toContain(WARNING);
    expect(await works("docker service inspect -f '{{.Spec.TaskTemplate.ContainerSpec.Image}}' web")).toMatch(
      /^katacoda\/docker-http-server:latest@sha256:[0-9a-f]{64}\n$/,
    );
    expect(await works('docker events --since 1h --until 0s --filter event=pull')).toBe('');
    await works('docker service rm web');
  },
  4 * MINUTE,
);

test(
  'an image that was removed is pulled again by whoever runs it, under the digest that it had',
  async () => {
    const digest = () => works("docker image inspect -f '{{.RepoDigests}}' alpine");
    const before = await digest();
    await works('docker rmi alpine');
    const ran = await works('docker run --rm alpine echo it is back');
    expect(ran).toContain('it is back');
    expect(await digest()).toBe(before);
    expect(before).toContain('alpine@sha256:');
  },
  2 * MINUTE,
);

test(
  'the largest image can be pulled and says where it came from',
  async () => {
    await works('docker rmi katacoda/redis-node-docker-example');
    const pulled = await works('docker pull katacoda/redis-node-docker-example');
    expect(pulled).toContain('docker.io/katacoda/redis-node-docker-example:latest');
  },
  2 * MINUTE,
);

test.each(['docker pull nobody/nothing', 'docker run nothing', 'docker pull alpine:nothing'])(
  '“%s”, an image that does not exist, is told to be missing at once',
  async (command) => {
    const started = Date.now();
    const { exitCode, stderr } = await tries(command);
    expect(Date.now() - started).toBeLessThan(AT_ONCE_MS);
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/manifest for \S*nothing\S* not found/);
    expect(stderr).not.toMatch(/lookup|dial|timeout/);
  },
  MINUTE,
);

test(
  'a host cannot write to it',
  async () => {
    const blob = `https://${HUB.name}/v2/library/alpine/blobs`;
    const { stdout } = await tries(
      `digest=$(docker image inspect -f '{{index .RepoDigests 0}}' alpine | cut -d @ -f 2)
       curl -sk -o /dev/null -w '%{http_code} ' -X POST ${blob}/uploads/
       curl -sk -o /dev/null -w '%{http_code} ' -X DELETE ${blob}/$digest
       curl -sk -o /dev/null -w '%{http_code} ' -X DELETE https://${HUB.name}/v2/library/alpine/manifests/$digest`,
    );
    expect(stdout.trim()).toBe('405 405 405');
    const pushed = await tries('docker push alpine');
    expect([pushed.exitCode, pushed.stderr]).toEqual([1, expect.stringContaining('Method not allowed')]);
  },
  MINUTE,
);

test(
  'it leads a host neither to another cluster nor to the engine, and answers on one port only',
  async () => {
    const there = other.hosts.get('host01')?.address ?? '';
    const gateway = (await works("ip route | awk '/default/ {print $3}'")).trim();
    const registryGateway = '198.18.0.1';
    const targets = [
      ...[`${there}:22`, `${HUB.address}:22`, `${HUB.address}:5000`, `${HUB.address}:2376`],
      ...[`${registryGateway}:443`, `${registryGateway}:2376`, `${gateway}:443`, `${gateway}:2376`],
    ];
    const codes = (await works(targets.map((target) => `${reach(target)} &`).join('') + 'wait'))
      .trim()
      .split('\n');
    expect(codes).toHaveLength(targets.length);
    for (const code of codes) expect(UNREACHED).toContain(code);
    // Nothing is wrong with the question itself.
    expect((await works(reach(`${HUB.address}:443`))).trim()).toBe('0');
    // Not even by asking the registry, or the engine's side of its network, to pass something on.
    for (const via of [HUB.address, registryGateway]) {
      const route = `ip route replace ${there} via ${via} onlink dev eth0`;
      expect(UNREACHED).toContain(
        (await works(`${route}; ${reach(`${there}:22`)}; ip route del ${there}`)).trim(),
      );
    }
  },
  2 * MINUTE,
);

test(
  'it reaches nobody itself: neither a host, nor the engine, nor this machine',
  async () => {
    const docker = dockerClient(engine);
    const host = cluster.hosts.get('host01')?.address ?? '';
    const targets = [`${host}:22`, `${host}:2377`, '198.18.0.1:2376', '10.0.2.15:2376', '10.0.2.2:22'];
    // The registry's image has no shell: another one looks around in its network.
    const looker = await docker.createContainer({
      Image: LAB_HOST.name,
      Entrypoint: ['bash', '-c', `${targets.map(reach).join(';')}; ${reach('127.0.0.1:443')}`],
      HostConfig: { NetworkMode: 'container:drydock-registry' },
      Tty: true,
    });
    try {
      await looker.start();
      await looker.wait();
      const codes = (await looker.logs({ stdout: true })).toString().trim().split(/\s+/);
      expect(codes).toHaveLength(targets.length + 1);
      expect(codes.pop()).toBe('0');
      for (const code of codes) expect(UNREACHED).toContain(code);
    } finally {
      await looker.remove({ force: true, v: true });
    }
  },
  MINUTE,
);

test(
  'a cluster that is removed leaves nothing, and the others their registry',
  async () => {
    const docker = dockerClient(engine);
    await cluster[Symbol.asyncDispose]();
    const containers = (await docker.listContainers({ all: true })).flatMap(({ Names }) => Names);
    const host = `/drydock-${other.id}-host01`;
    expect(containers.toSorted()).toEqual([host, `${host}-probe`, '/drydock-registry']);
    const networks = (await docker.listNetworks()).map(({ Name }) => Name);
    expect(networks.toSorted()).toEqual([`drydock-${other.id}`, 'drydock-registry', 'host', 'none']);
    cluster = other;
    expect(await works('docker pull redis:alpine')).toContain('Image is up to date');
    await other[Symbol.asyncDispose]();
    const { Volumes } = await docker.listVolumes();
    expect(Volumes.map(({ Name }) => Name).toSorted()).toEqual(['drydock-images', 'drydock-registry']);
  },
  2 * MINUTE,
);

/** Prints what became of a connection: 0 for one that was made, and one of UNREACHED where none was. */
const reach = (address: string) =>
  `{ timeout 4 bash -c '< /dev/tcp/${address.replace(':', '/')}' 2> /dev/null; echo $?; }`;

/** What a learner's command on the first host prints, both streams; it must succeed. */
async function works(command: string): Promise<string> {
  const { exitCode, stdout, stderr } = await tries(command);
  expect(exitCode, `${command}\n${stdout}${stderr}`).toBe(0);
  return stdout + stderr;
}

async function tries(command: string): Promise<ExecResult> {
  const host = cluster.hosts.get('host01');
  if (host === undefined) throw new Error('There is no host01.');
  return host.exec(['bash', '-lc', command], { signal: AbortSignal.timeout(3 * MINUTE) });
}
