import type Docker from 'dockerode';
import { truncate } from 'node:fs/promises';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { BoundedText, demultiplex, startExec } from '../../server/clusters/exec-stream.ts';
import { LABELS } from '../../server/clusters/labels.ts';
import { prepareLabEngine } from '../../server/cli/lab-engine.ts';
import { readConfig } from '../../server/config.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { guestShape } from '../../server/engines/embedded/acceleration.ts';
import type { EmbeddedBuild } from '../../server/engines/embedded/build-embedded.ts';
import { cleanSnapshot } from '../../server/engines/embedded/clean-snapshot.ts';
import { guestSize, type GuestShape } from '../../server/engines/embedded/guest-shape.ts';
import { findEmbedded, startEmbedded } from '../../server/engines/embedded/start-embedded.ts';
import { runningMachines } from '../../server/engines/embedded/running-machines.ts';
import type { LabEngine } from '../../server/engines/engine.ts';
import { Stages } from '../../server/engines/stages.ts';
import { ownScenarios } from '../support/own-scenarios.ts';

const MINUTE = 60_000;
const WEEK_MS = 7 * 24 * 60 * MINUTE;
const config = readConfig(process.env);
const ABOUT = { id: 'one', inputs: ['some', 'others'] };
const limit = () => AbortSignal.timeout(3 * MINUTE);

let build: EmbeddedBuild;
let shape: GuestShape;
let owned = new AsyncDisposableStack();
const announced: string[] = [];

beforeAll(async () => {
  const scenarios = await ownScenarios();
  build = await prepareLabEngine({
    config,
    scenarios: scenarios.values(),
    isRoot: process.getuid?.() === 0,
    announce: () => undefined,
    stages: new Stages(() => undefined, limit()),
  });
  shape = await guestShape(config.cache, build, guestSize(), limit());
}, 5 * MINUTE);

afterEach(async () => {
  vi.useRealTimers();
  await owned.disposeAsync();
  owned = new AsyncDisposableStack();
}, MINUTE);

/** An engine of a name of the tests' own; it is ended with the test. */
async function start(name: string): Promise<LabEngine> {
  const announce = (message: string) => announced.push(message);
  return owned.use(
    await startEmbedded(build, {
      cache: config.cache,
      name: `test-${name}`,
      shape,
      about: async () => ABOUT,
      signal: limit(),
      announce,
    }),
  );
}

/** The token of a swarm made on the cluster that lay in the snapshot. */
async function initOnSpare(docker: Docker): Promise<string> {
  const filters = { label: [`${LABELS.host}=host01`], status: ['paused'] };
  const [host] = await docker.listContainers({ filters });
  if (host === undefined) throw new Error('No cluster lay in the snapshot.');
  const container = docker.getContainer(host.Id);
  await container.unpause();
  const script = 'docker swarm init > /dev/null && docker swarm join-token -q worker';
  const { stream } = await startExec(container, { Cmd: ['bash', '-c', script] });
  const output = new BoundedText(4096);
  await demultiplex(stream, output.sink, output.sink, docker);
  return output.text.trim();
}

/** How far the engine's clock is from ours, in seconds, and a little for the way. */
async function clockError(engine: LabEngine): Promise<number> {
  const { SystemTime } = await dockerClient(engine).info();
  return Math.abs(Date.parse(SystemTime) - Date.now()) / 1000;
}

test(
  'two engines resumed from one snapshot make different tokens and random numbers',
  async () => {
    const engines = [await start('a'), await start('b')];
    expect(announced).toEqual([]);
    const tokens = await Promise.all(
      engines.map(async (engine) => {
        const docker = dockerClient(engine);
        await docker.swarmInit({ ListenAddr: '127.0.0.1:2377', AdvertiseAddr: '127.0.0.1:2377' });
        const { JoinTokens, ID } = await docker.swarmInspect();
        return [JoinTokens?.Worker, JoinTokens?.Manager, ID];
      }),
    );
    expect(new Set(tokens.flat()).size).toBe(6);
    const inSpares = await Promise.all(engines.map(async (engine) => initOnSpare(dockerClient(engine))));
    expect(inSpares).toEqual([expect.stringMatching(/^SWMTKN-1-/), expect.stringMatching(/^SWMTKN-1-/)]);
    expect(new Set(inSpares).size).toBe(2);
  },
  3 * MINUTE,
);

test(
  'an engine that was resumed with a clock of a week ago has the right one when it is found again',
  async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - WEEK_MS });
    const before = await start('clock');
    expect(await clockError(before)).toBeLessThan(60);
    expect(announced).toEqual([]);
    before.release();
    vi.useRealTimers();
    const found = await findEmbedded(config.cache, 'test-clock', limit());
    if (found === null) throw new Error('The engine was not found again.');
    expect(found.build).toEqual(ABOUT);
    const after = owned.use(await found.adopt());
    expect(after.adopted).toBe(true);
    expect(await clockError(after)).toBeLessThan(60);
  },
  3 * MINUTE,
);

test(
  'an engine whose machine has slept is given the time with its next lease',
  async () => {
    const engine = await start('slept');
    await engine.lease(300);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + WEEK_MS });
    expect(await clockError(engine)).toBeGreaterThan(60);
    await engine.lease(300);
    expect(await clockError(engine)).toBeLessThan(60);
  },
  2 * MINUTE,
);

test(
  'an engine that is ended when it is found again is gone',
  async () => {
    const engine = await start('ended');
    engine.release();
    const found = await findEmbedded(config.cache, 'test-ended', limit());
    await found?.end();
    expect(await engine.runs()).toBe(false);
    // Its process lets go of the control socket first and ends a moment later.
    await expect.poll(() => runningMachines(config.cache), { timeout: MINUTE }).toEqual([]);
    expect(await findEmbedded(config.cache, 'test-ended', limit())).toBeNull();
  },
  MINUTE,
);

test(
  'an engine that somebody holds is not taken from them',
  async () => {
    await start('held');
    await expect(findEmbedded(config.cache, 'test-held', limit())).rejects.toThrow('in use by another');
  },
  MINUTE,
);

test(
  'an engine whose lease has run out ends itself',
  async () => {
    const engine = await start('lease');
    await engine.lease(1);
    await expect.poll(() => engine.failed.aborted, { timeout: MINUTE }).toBe(true);
    expect(engine.failed.reason.message).toContain('the lease has run out');
    expect(await findEmbedded(config.cache, 'test-lease', limit())).toBeNull();
  },
  2 * MINUTE,
);

test(
  'an engine whose snapshot is spoilt is booted, says so, and is resumed again by the next start',
  async () => {
    const { state } = await cleanSnapshot(config.cache, build, shape, limit());
    await truncate(state, 1000);
    const booted = await start('spoilt');
    expect(await dockerClient(booted).ping()).toBeTruthy();
    expect(announced.splice(0).join()).toContain('so it is booted');
    await booted[Symbol.asyncDispose]();
    await start('mended');
    expect(announced).toEqual([]);
  },
  5 * MINUTE,
);
