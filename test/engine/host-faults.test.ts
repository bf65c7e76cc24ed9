import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { clientEnvironment } from '../../server/cli/client-environment.ts';
import type { Cluster, Host, ProvisionCluster } from '../../server/clusters/cluster.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts';
import { PtyReader } from '../support/pty-reader.ts';

const MINUTE = 60_000;

let engine: PrivateEngine;
let provision: ProvisionCluster;
let owned = new AsyncDisposableStack();

beforeAll(async () => {
  engine = await startPrivateEngine();
  Object.assign(process.env, clientEnvironment(engine));
  ({ provisionCluster: provision } = await import('../../server/clusters/provision.ts'));
}, 10 * MINUTE);

afterEach(async () => {
  await owned.disposeAsync();
  owned = new AsyncDisposableStack();
}, MINUTE);

afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
}, MINUTE);

async function make(...hosts: string[]): Promise<Cluster> {
  return owned.use(await provision({ hosts }, () => undefined, AbortSignal.timeout(3 * MINUTE)));
}

function hostOf(cluster: Cluster, name: string): Host {
  const host = cluster.hosts.get(name);
  if (host === undefined) throw new Error(`There is no ${name}.`);
  return host;
}

const run = (host: Host, command: string, signal = AbortSignal.timeout(2 * MINUTE)) =>
  host.exec(['bash', '-c', command], { signal });

/** What a command prints that has to succeed. */
async function works(host: Host, command: string): Promise<string> {
  const { exitCode, stdout, stderr } = await run(host, command);
  expect(exitCode, `${command}\n${stdout}${stderr}`).toBe(0);
  return stdout.trim();
}

/** How many processes on a host have a word in their command; not counting who asks. */
const running = async (host: Host, word: string) =>
  Number(await works(host, `pgrep -fc '[${word[0]}]${word.slice(1)}' || true`));

describe('a host', () => {
  test(
    'runs containers, and commands and health checks in them, also as another user',
    async () => {
      const host = hostOf(await make('host01'), 'host01');
      await works(
        host,
        `docker run -d --name app --user 1000:1000 --network none --health-cmd true --health-interval 1s --entrypoint sleep alpine 600`,
      );
      expect(await works(host, 'docker exec app id -u')).toBe('1000');
      await expect
        .poll(() => works(host, "docker inspect -f '{{.State.Health.Status}}' app"), { timeout: MINUTE })
        .toBe('healthy');
    },
    3 * MINUTE,
  );
});

describe('a cluster', () => {
  test.each([1, 5])(
    'of %i hosts comes up whole, each with an engine of its own and the others by name',
    async (count) => {
      const names = Array.from({ length: count }, (_, index) => `host0${index + 1}`);
      const cluster = await make(...names);
      expect([...cluster.hosts.keys()]).toEqual(names);
      const engines = await Promise.all(
        [...cluster.hosts.values()].map(async (host) => {
          expect(await works(host, 'hostname')).toBe(host.name);
          return works(host, "docker info -f '{{.ID}}'");
        }),
      );
      expect(new Set(engines).size).toBe(count);
      const last = hostOf(cluster, names.at(-1) ?? '');
      expect(await works(hostOf(cluster, 'host01'), `getent hosts ${last.name}`)).toContain(last.address);
    },
    5 * MINUTE,
  );
});

describe('a command', () => {
  test(
    'ends with everything that it has started when its owner does not want it any more',
    async () => {
      const host = hostOf(await make('host01'), 'host01');
      const stop = new AbortController();
      const asked = run(host, 'sleep 4711 & (sleep 4711) & sleep 4711', stop.signal);
      await expect.poll(() => running(host, 'sleep 4711'), { timeout: MINUTE }).toBeGreaterThanOrEqual(3);
      stop.abort(new Error('not wanted'));
      await expect(asked).rejects.toThrow('not wanted');
      await expect.poll(() => running(host, 'sleep 4711'), { timeout: MINUTE }).toBe(0);
    },
    3 * MINUTE,
  );

  test(
    'takes with it what it leaves behind, but for what has a session of its own',
    async () => {
      const host = hostOf(await make('host01'), 'host01');
      // It has its own session once it runs, and not before.
      const own = `setsid sh -c 'touch /run/own; exec sleep 4713'`;
      const waits = 'until [ -e /run/own ]; do sleep 0.1; done';
      await works(host, `sleep 4712 > /dev/null 2>&1 & ${own} > /dev/null 2>&1 & ${waits}`);
      await expect.poll(() => running(host, 'sleep 4712'), { timeout: MINUTE }).toBe(0);
      expect(await running(host, 'sleep 4713')).toBe(1);
    },
    3 * MINUTE,
  );

  test(
    'tells how it ended, also where it cannot be run',
    async () => {
      const host = hostOf(await make('host01'), 'host01');
      expect(await run(host, 'echo out; echo err >&2; exit 7')).toEqual({
        exitCode: 7,
        stdout: 'out\n',
        stderr: 'err\n',
        truncated: false,
      });
      expect((await run(host, 'kill -9 $$')).exitCode).toBe(137);
      const missing = await host.exec(['no-such-program'], { signal: AbortSignal.timeout(MINUTE) });
      expect([missing.exitCode, missing.stderr]).toEqual([
        127,
        'no-such-program: No such file or directory\n',
      ]);
      expect((await run(host, 'cat')).exitCode).toBe(0);
    },
    3 * MINUTE,
  );
});

describe('a host', () => {
  test(
    'whose engine is killed has it back by itself, and its shells go on',
    async () => {
      const host = hostOf(await make('host01'), 'host01');
      await works(host, 'docker run -d --name kept --restart always alpine sleep 1d');
      const shell = new PtyReader(await host.openPty({ columns: 80, rows: 24 }));
      await works(host, 'pkill -9 -x dockerd');
      const answers = async () => (await run(host, "docker inspect -f '{{.State.Running}}' kept")).stdout;
      await expect.poll(answers, { timeout: MINUTE }).toContain('true');
      shell.enter('echo $((40 + 2))');
      await shell.shows('42\r\n');
      await shell.pty[Symbol.asyncDispose]();
    },
    4 * MINUTE,
  );

  test(
    'with a fork bomb holds no more processes than it may, and its neighbour runs on',
    async () => {
      const cluster = await make('host01', 'host02');
      const [host, neighbour] = [hostOf(cluster, 'host01'), hostOf(cluster, 'host02')];
      const stop = new AbortController();
      const container = dockerClient(engine).getContainer(`drydock-${cluster.id}-host01`);
      const { HostConfig } = await container.inspect();
      // Each sleeps, so that it takes its place and not this machine's time.
      const bomb = run(host, "exec sh -c 'f() { f & f & sleep 60; }; f'", stop.signal);
      const processes = async () => {
        const { pids_stats: pids } = await container.stats({ stream: false });
        return pids?.current ?? 0;
      };
      await expect.poll(processes, { timeout: MINUTE }).toBeGreaterThan(1_500);
      expect(await processes()).toBeLessThanOrEqual(HostConfig.PidsLimit ?? 0);
      expect(await works(neighbour, 'docker run --rm alpine echo alive')).toBe('alive');
      stop.abort(new Error('enough'));
      await expect(bomb).rejects.toThrow('enough');
      await expect.poll(processes, { timeout: MINUTE }).toBeLessThan(300);
      expect(await works(host, 'docker run --rm alpine echo alive')).toBe('alive');
    },
    5 * MINUTE,
  );

  test(
    'that is removed by hand is missed at once, and no other',
    async () => {
      const cluster = await make('host01', 'host02');
      const stop = new AbortController();
      const lost = cluster.untilHostLost(stop.signal);
      const shell = new PtyReader(await hostOf(cluster, 'host02').openPty({ columns: 80, rows: 24 }));
      const docker = dockerClient(engine);
      await docker.getContainer(`drydock-${cluster.id}-host02`).remove({ force: true, v: true });
      expect(await lost).toBe('host02');
      await shell.ended;
      expect(await works(hostOf(cluster, 'host01'), 'echo alive')).toBe('alive');
      const again = cluster.untilHostLost(AbortSignal.timeout(MINUTE));
      expect(await again).toBe('host02');
    },
    3 * MINUTE,
  );

  test(
    'is not missed while it is frozen, nor by somebody who does not look any more',
    async () => {
      const cluster = await make('host01');
      const stop = new AbortController();
      const lost = cluster.untilHostLost(stop.signal);
      await cluster.freeze();
      await cluster.thaw();
      expect(await works(hostOf(cluster, 'host01'), 'echo alive')).toBe('alive');
      stop.abort(new Error('not looking'));
      await expect(lost).rejects.toThrow(/not looking|abort/);
    },
    3 * MINUTE,
  );
});
