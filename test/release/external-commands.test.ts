import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CleanReport } from '../../server/cli/clean.ts';
import { DoctorReport } from '../../server/cli/doctor/finding.ts';
import { PsReport } from '../../server/cli/ps.ts';
import { LABELS } from '../../server/clusters/labels.ts';
import { readConfig } from '../../server/config.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import type { Engine } from '../../server/engines/engine.ts';
import { Stages } from '../../server/engines/stages.ts';
import { importBaseImage } from '../../server/images/base-image.ts';
import { baseTar } from '../../server/images/prepare-images.ts';
import { drydock } from '../support/drydock-command.ts';
import { emptyEngine, type EmptyEngine } from '../support/empty-engine.ts';
import { wholeContents } from '../support/engine-contents.ts';
import { faultyEngine } from '../support/faulty-engine.ts';
import { LabClient } from '../support/lab-client.ts';
import { PLAIN, plainProject, type PlainProject } from '../support/plain-project.ts';
import { launchServer } from '../support/server-process.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';

const MINUTE = 60_000;
const READY = /^Drydock is ready: (http\S+)$/m;
/** Somebody else's, under a name that a lab's image has too. */
const THEIRS = 'alpine:latest';

let empty: EmptyEngine;
let project: PlainProject;
let cache: TemporaryFolder;
let running: Engine;
let docker: Docker;
let before: Awaited<ReturnType<typeof wholeContents>>;

const settings = (engine: Pick<Engine, 'environment'>, spares = 0) => ({
  DRYDOCK_CACHE: cache.path,
  DRYDOCK_ENGINE: 'external',
  DRYDOCK_SETUP: 'manual',
  DRYDOCK_SPARE_CLUSTERS: `${spares}`,
  ...engine.environment,
});

const launch = (engine: Pick<Engine, 'environment'> = running, spares = 0) =>
  launchServer(settings(engine, spares), project.path);

const run = (words: readonly string[], engine: Pick<Engine, 'environment'> = running, input?: string) =>
  drydock(cache.path, words, {
    project: project.path,
    environment: settings(engine),
    ...(input !== undefined && { input }),
  });

const listed = async (): Promise<PsReport> =>
  PsReport.parse(JSON.parse((await run(['ps', '--json'])).stdout));

const containers = async (label: string) =>
  (await docker.listContainers({ all: true, filters: { label: [label] } })).length;
const hosts = () => containers(LABELS.host);

beforeAll(async () => {
  empty = await emptyEngine();
  project = await plainProject();
  cache = await temporaryFolder();
  const { cache: kept } = readConfig(process.env);
  for (const name of await readdir(kept)) {
    if (/^base-[0-9a-f]{16}$/.test(name))
      await cp(join(kept, name), join(cache.path, name), { recursive: true });
  }
  // Images are built where there is a network to fetch packages from, and run where clusters can have theirs.
  running = await empty.run('machine');
  docker = dockerClient(running);
  const stages = new Stages(() => undefined, AbortSignal.timeout(8 * MINUTE));
  await stages.run({ id: 'theirs', name: { en: '', 'zh-CN': '' } }, async (work) =>
    importBaseImage(docker, await baseTar(cache.path, work), THEIRS),
  );
  const HostConfig = { NetworkMode: 'none' };
  await docker.createContainer({ name: 'theirs', Image: THEIRS, Cmd: ['sleep', '1000'], HostConfig });
  await docker.createVolume({ Name: 'theirs' });
  before = await wholeContents(docker);
}, 9 * MINUTE);

afterAll(async () => {
  if (running !== undefined) await run(['down']);
  await running?.[Symbol.asyncDispose]();
  await empty?.[Symbol.asyncDispose]();
  await project?.[Symbol.asyncDispose]();
  await cache?.[Symbol.asyncDispose]();
}, 2 * MINUTE);

test(
  'a start that is killed while it builds images leaves none without a name once another has ended well',
  async () => {
    const nameless = async () => {
      const images = await docker.listImages({ filters: { dangling: ['true'] } });
      return images.length;
    };
    {
      await using server = launch();
      const begun = async () => {
        await expect.poll(nameless, { timeout: 5 * MINUTE, interval: 50 }).toBeGreaterThan(0);
      };
      // Fails at once where it ends before.
      await Promise.race([begun(), server.until(READY)]);
      await server.kill();
    }
    await using server = launch();
    await server.until(READY);
    expect(await server.stop()).toBe(0);
    expect(await nameless()).toBe(0);
    expect((await docker.listContainers({ all: true })).map(({ Names }) => Names)).toEqual([['/theirs']]);
    await running[Symbol.asyncDispose]();
    running = await empty.run('own');
    docker = dockerClient(running);
  },
  9 * MINUTE,
);

test(
  'the commands show, use and end what runs on an engine of the user’s',
  async () => {
    await using server = launch();
    using learner = new LabClient(await server.until(READY), PLAIN);
    await learner.start();
    expect(await listed()).toMatchObject({
      server: { status: 'serving', command: 'up' },
      labs: [{ scenario: PLAIN, status: 'ready', hosts: ['host01'] }],
    });
    const report = DoctorReport.parse(JSON.parse((await run(['doctor', '--json'])).stdout));
    expect(report.ok).toBe(true);
    expect(report.findings.find(({ id }) => id === 'docker')).toMatchObject({
      found: true,
      engine: { environment: running.environment },
    });
    expect(report.findings.find(({ id }) => id === 'server')).toMatchObject({ running: true, labs: 1 });
    const shell = await run(['cluster', '--hosts', '2'], running, 'ssh host02 hostname; exit 7\n');
    expect([shell.exitCode, shell.stdout]).toEqual([7, expect.stringContaining('host02')]);
    await expect.poll(hosts, { timeout: MINUTE }).toBe(1);
    expect((await run(['clean', '--yes'])).exitCode).toBe(1);
    const down = await run(['down']);
    expect([down.exitCode, down.stdout]).toEqual([0, expect.stringContaining('Nothing of Drydock runs')]);
    expect(await server.exited).toBe(0);
    expect((await docker.listContainers({ all: true })).map(({ Names }) => Names)).toEqual([['/theirs']]);
  },
  5 * MINUTE,
);

test(
  'labs are not lost to another engine: it is refused for as long as some are open',
  async () => {
    await using elsewhere = await emptyEngine();
    await using other = await elsewhere.run('own');
    {
      await using server = launch();
      using learner = new LabClient(await server.until(READY), PLAIN);
      await learner.start();
      await server.kill();
    }
    const report = DoctorReport.parse(JSON.parse((await run(['doctor', '--json'])).stdout));
    expect(report.findings.find(({ id }) => id === 'engine')).toMatchObject({
      state: 'warning',
      clusters: 1,
    });
    const open = `Labs are open on the Docker engine at ${running.environment.DOCKER_HOST}`;
    for (const refused of [
      settings(other),
      { ...settings(running), DRYDOCK_ENGINE: 'embedded' },
      { ...settings(other), DRYDOCK_ENGINE: 'auto' },
    ]) {
      await using server = launchServer(refused, project.path);
      expect(await server.exited).toBe(1);
      expect(server.said()).toContain(open);
      expect(server.said()).toContain('npm run drydock -- down');
    }
    const cluster = await run(['cluster'], other);
    expect([cluster.exitCode, cluster.stderr]).toEqual([1, expect.stringContaining(open)]);
    expect(await hosts()).toBe(1);
    const nothing = await wholeContents(dockerClient(other));
    expect([nothing.images, nothing.containers, nothing.volumes]).toEqual([[], [], []]);
    // The same engine goes on with them.
    {
      await using server = launch();
      await server.until(READY);
      await expect
        .poll(async () => (await listed()).labs, { timeout: MINUTE })
        .toMatchObject([{ scenario: PLAIN, status: 'ready' }]);
      const [lab] = (await listed()).labs;
      expect((await run(['end', lab?.id ?? ''])).exitCode).toBe(0);
      await server.kill();
    }
    expect(await containers('drydock.owner')).toBeGreaterThan(0);
    // Without labs it is left, and what ran there does not go on. Nothing can be built on the other one here.
    await using server = launch(other);
    expect(await server.exited).toBe(1);
    expect(server.said()).not.toContain('Labs are open');
    expect(await containers('drydock.owner')).toBe(0);
    // What is kept on both can still be removed.
    const kept = CleanReport.parse(JSON.parse((await run(['clean', '--json'])).stdout));
    expect(
      kept.items
        .filter(({ kind }) => kind === 'engine')
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual([running, other].map(({ environment }) => environment.DOCKER_HOST).toSorted());
  },
  9 * MINUTE,
);

test(
  'an engine that takes every request and answers none keeps nobody waiting who wants to end',
  async () => {
    await using faulty = await faultyEngine(running);
    {
      await using server = launch(faulty, 1);
      using learner = new LabClient(await server.until(READY), PLAIN);
      await learner.start();
      // A spare is being made, too.
      await expect.poll(hosts, { timeout: MINUTE }).toBe(2);
      faulty.fault = () => ({ after: new Promise(() => undefined) });
      const began = performance.now();
      const down = await run(['down'], faulty);
      expect(performance.now() - began).toBeLessThan(1.5 * MINUTE);
      expect(down.stdout).toContain('cannot be asked to end what may be left there');
      expect(await server.exited).toBe(1);
      expect(server.said()).toMatch(/could not be removed .*the label drydock\.owner=\w+ are left there/);
    }
    expect(await hosts()).toBe(2);
    faulty.fault = () => null;
    await using server = launch(faulty);
    await server.until(READY);
    expect(await hosts()).toBe(0);
    expect(await server.stop()).toBe(0);
  },
  6 * MINUTE,
);

test(
  'a cluster beside a server whose engine dies ends within seconds, and says so',
  async () => {
    const faulty = await faultyEngine(running);
    await using server = launch(faulty);
    await server.until(READY);
    const ended = run(['cluster'], faulty, 'sleep 600\n').then((result) => ({
      ...result,
      at: performance.now(),
    }));
    await expect.poll(hosts, { timeout: MINUTE }).toBeGreaterThan(0);
    const began = performance.now();
    await faulty[Symbol.asyncDispose]();
    const { at, exitCode, stderr } = await ended;
    expect(at - began).toBeLessThan(20_000);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('The engine has ended')]);
    await server.kill();
    // The same engine, by another address.
    await using again = launch();
    await again.until(READY);
    expect(await again.stop()).toBe(0);
    expect(await containers('drydock.owner')).toBe(0);
  },
  4 * MINUTE,
);

test(
  '“clean” removes all that is kept there, and nothing of others',
  async () => {
    const { exitCode, stdout } = await run(['clean', '--yes', '--json']);
    expect(exitCode).toBe(0);
    expect(CleanReport.parse(JSON.parse(stdout))).toMatchObject({ removed: true });
    expect(await wholeContents(docker)).toEqual(before);
    expect((await run(['clean', '--yes'])).stdout).toContain('There is nothing to remove');
  },
  MINUTE,
);
