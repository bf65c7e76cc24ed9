import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { networkView } from '../../server/checks/network-view.ts';
import { clientEnvironment } from '../../server/cli/client-environment.ts';
import type { Cluster, Host, ProvisionCluster } from '../../server/clusters/cluster.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { faultyEngine, type FaultyEngine } from '../support/faulty-engine.ts';
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts';

const MINUTE = 60_000;
const HOSTS = ['host01', 'host02'] as const;

let engine: PrivateEngine;
let faulty: FaultyEngine;
let provision: ProvisionCluster;

beforeAll(async () => {
  engine = await startPrivateEngine();
  faulty = await faultyEngine(engine);
  Object.assign(process.env, clientEnvironment(faulty));
  ({ provisionCluster: provision } = await import('../../server/clusters/provision.ts'));
}, 10 * MINUTE);

afterEach(() => {
  faulty.fault = () => null;
});

afterAll(async () => {
  await faulty?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
}, MINUTE);

const make = (signal = AbortSignal.timeout(2 * MINUTE)) =>
  provision({ hosts: HOSTS }, () => undefined, signal);

function hostOf({ hosts }: Cluster): Host {
  const host = hosts.get('host01');
  if (host === undefined) throw new Error('There is no host01.');
  return host;
}

/** All that clusters have on the engine. */
async function left(): Promise<string[]> {
  const docker = dockerClient(engine);
  const filters = { label: ['drydock.cluster'] };
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  const { Volumes } = await docker.listVolumes({ filters: { dangling: ['true'] } });
  const names = Volumes.map(({ Name }) => Name).filter((name) => !name.startsWith('drydock-'));
  return [...containers, ...networks].map(({ Id }) => Id).concat(names);
}

describe('a cluster', () => {
  test.each([
    ['POST', /\/networks\/create/],
    ['POST', /\/containers\/create/],
    ['PUT', /\/containers\/\w+\/archive/],
    ['POST', /\/containers\/\w+\/start/],
  ])(
    'whose engine answers %s %s with 500 fails for that reason, and leaves nothing',
    async (method, path) => {
      let answered = 0;
      faulty.fault = (asked, at) =>
        asked === method && path.test(at) && (answered += 1) === 1
          ? { status: 500, message: 'spoilt for the test' }
          : null;
      await expect(make()).rejects.toThrow('spoilt for the test');
      expect(answered).toBeGreaterThan(0);
      expect(await left()).toEqual([]);
    },
    MINUTE,
  );

  test(
    'is made by an engine that takes half a minute for an answer',
    async () => {
      let slow = 0;
      faulty.fault = (method, path) =>
        method === 'POST' && /\/containers\/\w+\/start/.test(path) && (slow += 1) === 1
          ? { delayMs: 30_000 }
          : null;
      await using cluster = await make();
      expect([...cluster.hosts.keys()]).toEqual(HOSTS);
      // Each host and its probe.
      expect(slow).toBe(4);
    },
    3 * MINUTE,
  );

  test(
    'that is no longer wanted while its engine does not answer leaves nothing once that does',
    async () => {
      const stop = new AbortController();
      const asked = Promise.withResolvers<void>();
      let slow = 0;
      faulty.fault = (method, path) => {
        if (method !== 'POST' || !path.includes('/containers/create') || (slow += 1) > 1) return null;
        asked.resolve();
        return { delayMs: 3_000 };
      };
      const made = make(stop.signal);
      await asked.promise;
      stop.abort(new Error('no longer wanted'));
      await expect(made).rejects.toThrow('no longer wanted');
      expect(await left()).toEqual([]);
    },
    MINUTE,
  );
});

describe('a look at what a learner runs', () => {
  const runs = 'docker run -d --rm -p 8080:80 katacoda/docker-http-server';

  test(
    'waits for its way there, however slow, and does not take it for an application that does not answer',
    async () => {
      await using cluster = await make();
      const host = hostOf(cluster);
      await host.exec(['sh', '-c', runs], { signal: AbortSignal.timeout(MINUTE) });
      const look = networkView(host, AbortSignal.timeout(MINUTE));
      const at = { address: '127.0.0.1', port: 8080 };
      faulty.fault = (_, path) => (/\/exec\/\w+\/start/.test(path) ? { delayMs: 6_000 } : null);
      expect(await look.httpGet(at)).toMatchObject({ status: 200 });
      expect(faulty.faults).toBeGreaterThan(0);
    },
    2 * MINUTE,
  );

  test(
    'is an error and no finding where there is no way',
    async () => {
      await using cluster = await make();
      const look = networkView(hostOf(cluster), AbortSignal.timeout(MINUTE));
      faulty.fault = (_, path) =>
        /\/containers\/\w+\/exec/.test(path) ? { status: 500, message: 'spoilt for the test' } : null;
      await expect(look.httpGet({ address: '127.0.0.1', port: 22 })).rejects.toThrow('spoilt for the test');
    },
    MINUTE,
  );
});

describe('an engine that is gone', () => {
  test(
    'ends the shells, commands and clusters of those who use it, without keeping anybody waiting',
    async () => {
      const cluster = await make();
      const host = hostOf(cluster);
      const pty = await host.openPty({ columns: 80, rows: 24 });
      const command = host.exec(['sleep', '3600'], { signal: AbortSignal.timeout(5 * MINUTE) });
      const being = make();
      const outcomes = Promise.allSettled([command, being, pty.exited, drain(pty.output)]);
      await expect.poll(async () => (await left()).length, { timeout: MINUTE }).toBeGreaterThan(5);
      await engine[Symbol.asyncDispose]();
      const [ran, made] = await outcomes;
      expect(ran.status).toBe('rejected');
      expect(made.status).toBe('rejected');
      await expect(host.openPty({ columns: 80, rows: 24 })).rejects.toThrow(/hang up|ECONNRESET|ENOENT/);
      await expect(cluster[Symbol.asyncDispose]()).rejects.toThrow(/hang up|ECONNRESET|ENOENT/);
    },
    3 * MINUTE,
  );
});

async function drain(output: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of output);
}
