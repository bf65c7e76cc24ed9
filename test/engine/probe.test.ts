import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EngineClient } from '../../server/checks/engine-client.ts';
import type { Cluster, Host } from '../../server/clusters/cluster.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import type { Engine } from '../../server/engines/engine.ts';
import { LAB_HOST } from '../../server/images/lab-host.ts';
import { startPrivateEngine } from '../support/private-engine.ts';
import { provisionTestCluster } from '../support/test-engine.ts';

const MINUTE = 60_000;
const HOSTS = ['host01', 'host02'];

let engine: Engine;
let cluster: Cluster;

beforeAll(async () => {
  engine = await startPrivateEngine();
  cluster = await provisionTestCluster(HOSTS);
}, 10 * MINUTE);

afterAll(() => engine?.[Symbol.asyncDispose](), MINUTE);

describe('the probe beside a host', { timeout: MINUTE }, () => {
  test('reaches the engine of its host and what the host reaches, without a tool of the host’s', async () => {
    await run('host01', 'rm /usr/bin/docker /usr/bin/curl; echo 192.0.2.1 host01 host02 > /etc/hosts');
    expect(await engineName(cluster, 'host01')).toBe('host01');
    for (const address of ['127.0.0.1', hostNamed(cluster, 'host02').address]) {
      const connection = await hostNamed(cluster, 'host01').dial(address, 22, limit());
      connection.end();
      expect(await text(connection)).toContain('SSH-2.0');
    }
    await expect(hostNamed(cluster, 'host01').dial('127.0.0.1', 81, limit())).rejects.toThrow(
      'Connection refused',
    );
  });

  test('is not among the processes of its host', async () => {
    expect(await run('host01', 'ps ax -o args')).not.toContain('probe');
  });

  test('has no privilege and can write nowhere', async () => {
    const seen = await beside(
      'host01',
      'grep -E "CapEff|CapBnd|NoNewPrivs" /proc/1/status; grep -v -E " (proc|tmpfs|devpts|mqueue) " /proc/1/mounts',
    );
    expect(seen).toMatch(/CapEff:\s0+\s/);
    expect(seen).toMatch(/CapBnd:\s0+\s/);
    expect(seen).toMatch(/NoNewPrivs:\s1\s/);
    for (const at of ['/', '/var/lib/docker']) expect(seen).toMatch(new RegExp(`^\\S+ ${at} \\S+ ro,`, 'm'));
  });

  test('goes on when its program was killed', async () => {
    const looks = new EngineClient(hostNamed(cluster, 'host01'), limit());
    await looks.get('/info');
    expect(await beside('host01', 'pkill -KILL -xf "/drydock-probe connect" && echo killed')).toContain(
      'killed',
    );
    await expect.poll(() => engineName(cluster, 'host01').catch(String), { timeout: MINUTE }).toBe('host01');
  });

  test('is found again with its cluster, and works once that was frozen', async () => {
    const { adoptCluster } = await import('../../server/clusters/adopt.ts');
    const found = await adoptCluster(cluster.id, HOSTS, limit());
    if (found === null) throw new Error('The cluster was not found.');
    await found.freeze();
    await found.thaw();
    expect(await Promise.all(HOSTS.map((host) => engineName(found, host)))).toEqual(HOSTS);
  });

  test('is started again where it has gone, or does not run, when its cluster is found again', async () => {
    const { adoptCluster } = await import('../../server/clusters/adopt.ts');
    const docker = dockerClient(engine);
    const probeOf = (host: string) => docker.getContainer(`drydock-${cluster.id}-${host}-probe`);
    await probeOf('host01').remove({ force: true });
    await probeOf('host02').stop({ t: 0 });
    const found = await adoptCluster(cluster.id, HOSTS, limit());
    if (found === null) throw new Error('The cluster was not found.');
    expect(await Promise.all(HOSTS.map((host) => engineName(found, host)))).toEqual(HOSTS);
  });

  test('goes with its cluster', async () => {
    await cluster[Symbol.asyncDispose]();
    const docker = dockerClient(engine);
    expect(await docker.listContainers({ all: true })).toEqual([]);
    const { Volumes } = await docker.listVolumes();
    expect(Volumes.map(({ Name }) => Name).toSorted()).toEqual(['drydock-images', 'drydock-registry']);
  });
});

const limit = () => AbortSignal.timeout(MINUTE);

function hostNamed({ hosts }: Cluster, name: string): Host {
  const host = hosts.get(name);
  if (host === undefined) throw new Error(`There is no ${name}.`);
  return host;
}

/** What the engine of a host says that it runs on. */
async function engineName(of: Cluster, host: string): Promise<unknown> {
  const info = await new EngineClient(hostNamed(of, host), limit()).get('/info');
  return typeof info === 'object' && info !== null && 'Name' in info ? info.Name : undefined;
}

async function run(name: string, command: string): Promise<string> {
  const { stdout } = await hostNamed(cluster, name).exec(['sh', '-c', command], { signal: limit() });
  return stdout;
}

/** Run a command among the processes of a probe: its own image has nothing but the probe. */
async function beside(host: string, command: string): Promise<string> {
  const looker = await dockerClient(engine).createContainer({
    Image: LAB_HOST.name,
    Entrypoint: ['sh', '-c', command],
    HostConfig: { PidMode: `container:drydock-${cluster.id}-${host}-probe`, NetworkMode: 'none' },
    Tty: true,
  });
  try {
    await looker.start();
    await looker.wait();
    return (await looker.logs({ stdout: true })).toString();
  } finally {
    await looker.remove({ force: true, v: true });
  }
}
