import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClusterChecks } from '../../server/checks/cluster-checks.ts';
import { isActive, runChecks } from '../../server/checks/run-checks.ts';
import type { Cluster } from '../../server/clusters/cluster.ts';
import type { Engine, LabEngine } from '../../server/engines/engine.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import type { Step } from '../../server/scenarios/scenario.ts';
import type { StepToCheck, Verdicts } from '../../server/scenarios/step-to-check.ts';
import { Rehearsal } from '../../server/proof/rehearsal.ts';
import { listen } from '../support/listen.ts';
import { FORGET_REQUESTS, letToolsSay, REAL_DOCKER, REPLACE_TOOLS } from '../support/lying-tools.ts';
import { ownScenario } from '../support/own-scenarios.ts';
import { Signal } from '../support/signal.ts';
import { PtyReader } from '../support/pty-reader.ts';
import { provisionTestCluster, startTestEngine } from '../support/test-engine.ts';

const MINUTE = 60_000;
const LOOK_EVERY_MS = 1_000;
const scenario = await ownScenario('swarm-load-balancing');

let engine: LabEngine;
let cluster: Cluster;

beforeAll(async () => {
  engine = await startTestEngine();
  cluster = await provisionTestCluster(scenario.hosts);
}, 10 * MINUTE);

afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
}, MINUTE);

describe('a cluster on the embedded engine', () => {
  test(
    'gives each host the name, the address and the images that a lab counts on',
    async () => {
      for (const [name, host] of cluster.hosts) {
        const looked = await run(
          name,
          'hostname; hostname -I; docker images --format "{{.Repository}}:{{.Tag}}"',
        );
        expect(looked).toContain(`${name}\n`);
        expect(looked).toContain(host.address);
        const tagged = scenario.images.map((image) =>
          image.name.includes(':') ? image.name : `${image.name}:latest`,
        );
        expect(looked.split('\n')).toEqual(expect.arrayContaining(tagged));
      }
    },
    MINUTE,
  );

  test(
    'lets each host reach the others by name and over ssh without a password',
    async () => {
      const there = await run('host01', 'ssh -o StrictHostKeyChecking=no host02 hostname');
      expect(there).toContain('host02');
    },
    MINUTE,
  );

  test(
    'keeps a host from the engine that it runs on, from this machine and from everything beyond',
    async () => {
      const gateway = (await run('host01', "ip route | awk '/default/ {print $3}'")).trim();
      // The emulator's network would show what listens here under this address, were it not closed.
      await using here = await listen(createServer((_, response) => response.end('reached')));
      const targets = [`https://${gateway}:2376/version`, `http://10.0.2.2:${here.port}`, 'http://192.0.2.1'];
      const codes = targets.map((target) => run('host01', `curl -s -k -m 5 -o /dev/null ${target}; echo $?`));
      // 7: refused, 28: no answer; anything else came from a server.
      for (const code of await Promise.all(codes)) expect(['7', '28']).toContain(code.trim());
    },
    MINUTE,
  );

  test(
    'refuses whoever has no certificate',
    async () => {
      const { DOCKER_HOST } = engine.environment;
      const bare = dockerClient({ environment: { DOCKER_HOST } });
      await expect(bare.version()).rejects.toThrow('HTTP request to an HTTPS server');
      await expect(getWithoutCertificate(engine)).rejects.toThrow(/certificate required/);
    },
    MINUTE,
  );

  test(
    'finds a shell again that was let go of, and misses nothing that it printed',
    async () => {
      const host = cluster.hosts.get('host01');
      if (host === undefined) throw new Error('There is no host01.');
      const first = new PtyReader(await host.openPty({ columns: 80, rows: 24 }));
      first.enter('echo $((40 + 1)); sleep 5; echo $((40 + 2))');
      await first.shows('41\r\n');
      first.pty.detach();
      await first.ended;
      const found = await host.attachPty(first.pty.id, first.bytes.byteLength);
      if (found === null) throw new Error('The shell is gone.');
      const second = new PtyReader(found);
      await second.shows('42\r\n');
      expect(found.from).toBe(first.bytes.byteLength);
      expect(first.text + second.text).toMatch(/41\r\n42\r\n/);
      await found[Symbol.asyncDispose]();
    },
    3 * MINUTE,
  );

  test(
    'hangs up a shell whose terminal is closed',
    async () => {
      const host = cluster.hosts.get('host01');
      if (host === undefined) throw new Error('There is no host01.');
      const pty = await host.openPty({ columns: 80, rows: 24 });
      const marker = 'sleep 98765';
      pty.write(Buffer.from(`${marker}\r`));
      const count = async () => Number(await run('host01', `pgrep -cxf '${marker}' || true`));
      await expect.poll(count, { timeout: MINUTE }).toBe(1);
      await pty[Symbol.asyncDispose]();
      await expect.poll(count, { timeout: MINUTE }).toBe(0);
    },
    3 * MINUTE,
  );
});

test(
  'a cluster that is no longer wanted while it is being made leaves nothing behind',
  async () => {
    const stop = new AbortController();
    const { provisionCluster } = await import('../../server/clusters/provision.ts');
    const kept = await ownedByClusters();
    const made = provisionCluster({ hosts: scenario.hosts }, () => undefined, stop.signal);
    await expect
      .poll(async () => (await ownedByClusters()).length, { timeout: MINUTE })
      .toBeGreaterThanOrEqual(kept.length + 2);
    stop.abort(new Error('no longer wanted'));
    await expect(made).rejects.toThrow('no longer wanted');
    expect(await ownedByClusters()).toEqual(kept);
  },
  2 * MINUTE,
);

describe("the lab's own commands, while the lab is looked at", () => {
  let checks: ClusterChecks;
  let rehearsal: Rehearsal;
  let looks: ReturnType<typeof lookOn>;
  beforeAll(() => {
    checks = new ClusterChecks(cluster);
    rehearsal = new Rehearsal(cluster, {
      signal: AbortSignal.timeout(20 * MINUTE),
      locale: 'en',
      // Whatever a look may send has been sent before the learner's first request.
      beforeCommand: async ({ command }) => {
        if (command.startsWith('curl')) await looks.again();
      },
    });
  });
  afterAll(async () => {
    await rehearsal[Symbol.asyncDispose]();
    checks[Symbol.dispose]();
  });

  test.each(scenario.steps.map((step) => [step.id, step] as const))(
    'prove step %s: no check of it passes before them, and every check after',
    async (id, step) => {
      using watching = (looks = lookOn(checks, { ...step, restsOn: [] }));
      const result = await rehearsal.prove(step);
      // Whole, so that what a check or a terminal has said is seen.
      expect(result).toEqual({ ...result, holds: true });
      await watching.until(
        (found) => found.length > 0 && found.every((verdict) => verdict?.outcome === 'pass'),
      );

      await watching.again();
      await WATCHED[id]?.(result.commands.map(({ output }) => output).join(''));
    },
    8 * MINUTE,
  );

  test(
    'leave no container behind that the learner did not make, and no helper among the host’s processes',
    async () => {
      expect(await run('host01', "docker ps -a --filter status=exited --format '{{.Names}}' | sort")).toBe(
        'dig\nping\n',
      );
      await expect
        .poll(() => run('host01', "pgrep -fc '^/drydock-probe' || true"), { timeout: MINUTE })
        .toBe('0\n');
    },
    3 * MINUTE,
  );
});

describe('a learner who has replaced the tools of both hosts', () => {
  test(
    'passes with what is done, though every tool says that nothing works',
    async () => {
      await runEverywhere(REPLACE_TOOLS);
      await runEverywhere(letToolsSay('nothing works here', 1));
      expect(await run('host01', 'docker ps || echo "code $?"')).toBe('nothing works here\ncode 1\n');
      for (const step of scenario.steps) {
        expect(await verdicts(step)).toEqual(step.checks.map(() => ({ outcome: 'pass' })));
      }
    },
    4 * MINUTE,
  );

  test.each([
    ['multi-host', scenario.hosts, FORGET_REQUESTS, ['requests-counted']],
    [
      'service-discovery',
      ['host01'],
      `${REAL_DOCKER} service update -q --endpoint-mode dnsrr http`,
      ['dns-returns-vip'],
    ],
    [
      'published-port',
      ['host01'],
      `${REAL_DOCKER} service update -q --publish-rm 80 lbapp1`,
      ['service-replicated'],
    ],
    ['initialise', ['host02'], `${REAL_DOCKER} swarm leave`, ['swarm-joined']],
  ])(
    'does not pass with what is undone of step %s, though every tool says that all is well',
    async (id, hosts, undo, failing) => {
      const containers = await runEverywhere(`${REAL_DOCKER} ps -q`);
      await runEverywhere(letToolsSay(`999\n${containers.join('')}`, 0));
      for (const host of hosts) await run(host, undo);
      const checks = scenario.steps.find((step) => step.id === id)?.checks ?? [];
      const outcomes = (await runChecks(checks, cluster, AbortSignal.timeout(3 * MINUTE))).map(
        (verdict) => verdict?.outcome ?? null,
      );
      // What sends something is not made where what only asks does not hold.
      const holds = checks.every((check) => isActive(check) || !failing.includes(check.validator));
      const expected = checks.map((check) => {
        if (failing.includes(check.validator)) return 'fail';
        return isActive(check) && !holds ? null : 'pass';
      });
      expect(outcomes).toEqual(expected);
    },
    4 * MINUTE,
  );
});

describe('a cluster that is disposed', () => {
  test(
    'leaves nothing on the engine',
    async () => {
      await cluster[Symbol.asyncDispose]();
      const docker = dockerClient(engine);
      const filters = { label: [`drydock.cluster=${cluster.id}`] };
      expect(await docker.listContainers({ all: true, filters })).toEqual([]);
      expect(await docker.listNetworks({ filters })).toEqual([]);
      const { Volumes } = await docker.listVolumes();
      expect(Volumes.map(({ Name }) => Name).toSorted()).toEqual(['drydock-images', 'drydock-registry']);
    },
    MINUTE,
  );
});

/** The same on every host, at once. */
const runEverywhere = (command: string) => Promise.all(scenario.hosts.map((host) => run(host, command)));

/** The containers and networks of all clusters, by their ids. */
async function ownedByClusters(): Promise<string[]> {
  const docker = dockerClient(engine);
  const filters = { label: ['drydock.cluster'] };
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  return [...containers, ...networks].map(({ Id }) => Id).toSorted();
}

/** What the learner is told to watch in a step, held against all that its commands have printed. */
const WATCHED: Readonly<Record<string, (printed: string) => unknown>> = {
  'published-port': async () => {
    for (const host of scenario.hosts) {
      const [first, second] = (await run(host, 'curl -s host01:81; curl -s host01:81')).trim().split('\n');
      expect(second).toContain('This request was processed by host:');
      expect(second).not.toBe(first);
    }
  },
  'service-discovery': (printed) => {
    const vip = /^http\.\s+\d+\s+IN\s+A\s+(\S+)$/m.exec(printed)?.[1] ?? 'no address';
    expect(printed).toContain(`PING http (${vip})`);
    expect(printed).toContain(`${vip}/24}]`);
    const own = [...printed.matchAll(/^eg1 \[(\S+)\/24\]$/gm)].map(([, address]) => address);
    expect(new Set([...own, vip]).size).toBe(3);
  },
  'multi-host': (printed) => {
    const totals = [...printed.matchAll(/Total requests: (\d+)/g)].map(([, total]) => total);
    expect(totals).toEqual(['1', '2', '3']);
    const [one, two, three] = [...printed.matchAll(/^Container: (\S+)$/gm)].map(([, container]) => container);
    expect(one).not.toBe(two);
    expect(three).toBe(one);
  },
};

/** Looks at a step as a session does, but more often, until it is disposed of. */
function lookOn(checks: ClusterChecks, step: StepToCheck) {
  const ending = new AbortController();
  const seen = new Signal();
  let looks = 0;
  let newest: Verdicts = [];
  const look = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      newest = await checks.look(step, ending.signal).catch(() => []);
      looks += 1;
      seen.notify();
      // The lab's own commands need the machine, too.
      await wait(LOOK_EVERY_MS);
    }
  };
  void look();
  return {
    /** Resolves when a look has ended that began after this; one is under way. */
    again: async () => {
      const wanted = looks + 2;
      await seen.until(() => looks >= wanted);
    },
    until: (holds: (verdicts: Verdicts) => boolean) => seen.until(() => holds(newest)),
    [Symbol.dispose]: () => ending.abort(new Error('No look is wanted any more.')),
  };
}

const verdicts = (step: Step) => runChecks(step.checks, cluster, AbortSignal.timeout(3 * MINUTE));

/** Run a command as a learner's login shell does; gives what it printed. */
async function run(name: string, command: string): Promise<string> {
  const host = cluster.hosts.get(name);
  if (host === undefined) throw new Error(`There is no ${name}.`);
  const result = await host.exec(['bash', '-lc', command], { signal: AbortSignal.timeout(4 * MINUTE) });
  expect(result.exitCode, `${name}: ${command}\n${result.stdout}${result.stderr}`).toBe(0);
  return result.stdout;
}

/** What somebody gets who trusts the engine's authority but has nothing to show. */
async function getWithoutCertificate({ environment }: Engine): Promise<number | undefined> {
  const { port } = new URL(environment.DOCKER_HOST);
  const ca = await readFile(join(environment.DOCKER_CERT_PATH ?? '', 'ca.pem'));
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/version', ca }, ({ statusCode }) => resolve(statusCode)).on(
      'error',
      reject,
    );
  });
}
