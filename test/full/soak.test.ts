import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp, type App } from '../../server/app.ts';
import { ClusterChecks } from '../../server/checks/cluster-checks.ts';
import { ClusterPool } from '../../server/clusters/pool.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { routes } from '../../server/protocol/index.ts';
import { EngineGate } from '../../server/sessions/engine-gate.ts';
import { openSessionStore } from '../../server/sessions/store.ts';
import { contentsOf } from '../support/engine-contents.ts';
import { footprintOf } from '../support/engine-footprint.ts';
import { LabClient } from '../support/lab-client.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { ownScenarios } from '../support/own-scenarios.ts';
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts';
import { testAccess } from '../support/test-access.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MINUTE = 60_000;
const MIB = 2 ** 20;
const SLUG = 'swarm-load-balancing';
const HOSTS = ['host01', 'host02'] as const;
const LABS = 8;
/** `SOAK_MINUTES` has learners go on for as long as somebody wants to wait. */
const SOAK_MS = Number(process.env['SOAK_MINUTES'] ?? 0) * MINUTE;
const LEARNERS = 3;
/** Lines that a learner prints in each terminal. */
const LINES = 60_000;
/** What a process holds more or less of from one moment to the next. */
const SLACK = { heapMiB: 24, openFiles: 8 };

const owned = new AsyncDisposableStack();
let engine: PrivateEngine;
let app: App;
let url: string;

beforeAll(async () => {
  engine = owned.use(await startPrivateEngine());
  const [{ provisionCluster: provision }, { adoptCluster: adopt }, { reapCluster: remove }] =
    await Promise.all([
      import('../../server/clusters/provision.ts'),
      import('../../server/clusters/adopt.ts'),
      import('../../server/clusters/reap.ts'),
    ]);
  const scenarios = await ownScenarios();
  const folder = owned.use(await temporaryFolder());
  // Labs that are still being removed have their place, too.
  const capacity = 2 * LEARNERS + 1;
  const pool = new ClusterPool({
    provision,
    wanted: () => [{ hosts: HOSTS }],
    room: () => capacity - app.sessions.places,
    onError: () => undefined,
  });
  const gate = new EngineGate();
  gate.open({
    provision: pool.provision,
    adopt,
    remove,
    capacity,
    lacks: new Map(),
    limits: [],
    runs: async () => true,
  });
  const store = owned.use(openSessionStore(join(folder.path, 'sessions.db')));
  owned.use(pool);
  const log = pino({ level: 'warn' }, new MemoryLog());
  app = owned.use(
    createApp({
      scenarios,
      engine: gate,
      store,
      openChecks: (cluster) => new ClusterChecks(cluster),
      access: testAccess(),
      webRoot: folder.path,
      log,
    }),
  );
  ({ url } = await app.listen({ host: '127.0.0.1', port: 0 }));
}, 10 * MINUTE);

afterAll(async () => {
  await owned.disposeAsync();
}, 2 * MINUTE);

/** A learner who starts a lab, fills both terminals, has a step checked and ends the lab. */
async function learn(): Promise<void> {
  using learner = new LabClient(url, SLUG);
  const { steps } = await learner.start();
  for (const id of HOSTS) {
    learner.attach(id);
    learner.type(id, `seq ${LINES}; echo fin$((40 + 2))\r`);
  }
  await Promise.all(HOSTS.map((id) => learner.untilScreen(id, ({ text }) => text.includes('fin42'))));
  const { status } = await learner.check(steps[0]?.id ?? '');
  expect(status).toBe(200);
  await learner.request('DELETE', routes.session(SLUG));
}

/** So many labs, and more for so long. */
async function learnInTurn(labs: number, milliseconds = 0): Promise<void> {
  const end = performance.now() + milliseconds;
  let begun = 0;
  const learner = async () => {
    while (begun < labs || performance.now() < end) {
      begun += 1;
      await learn();
    }
  };
  await Promise.all(Array.from({ length: LEARNERS }, learner));
  await expect.poll(() => app.sessions.list(), { timeout: MINUTE }).toEqual([]);
}

/** What this process, which is the server, holds when it has nothing to do. */
async function held(): Promise<{ heapMiB: number; openFiles: number }> {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return {
    heapMiB: process.memoryUsage().heapUsed / MIB,
    openFiles: (await readdir('/proc/self/fd')).length,
  };
}

/** What labs have on the engine, once those that ended are removed and the spare lies ready. */
async function settled() {
  const docker = dockerClient(engine);
  const clusters = async () => {
    const { containers, frozen } = await contentsOf(docker);
    return { count: containers.length, frozen };
  };
  await expect
    .poll(clusters, { timeout: 3 * MINUTE, interval: 1_000 })
    .toEqual({ count: 1, frozen: HOSTS.length });
  return footprintOf(engine);
}

test(
  'labs one after another, with full terminals and checks, leave the server and its engine as they were',
  async () => {
    await learnInTurn(2 * LEARNERS);
    const engineBefore = await settled();
    const before = await held();
    await learnInTurn(LABS, SOAK_MS);
    await settled();
    const after = await held();
    expect(after.openFiles).toBeLessThanOrEqual(before.openFiles + SLACK.openFiles);
    expect(after.heapMiB).toBeLessThanOrEqual(before.heapMiB + SLACK.heapMiB);
    const { containers, networks, volumes, processes, mounts } = engineBefore;
    // What looks at the spare, the test included, has processes there for a moment.
    const left = { timeout: MINUTE, interval: 1_000 };
    await expect
      .poll(() => footprintOf(engine), left)
      .toMatchObject({ containers, networks, volumes, mounts });
    await expect.poll(async () => (await footprintOf(engine)).processes, left).toBeLessThanOrEqual(processes);
  },
  25 * MINUTE + SOAK_MS,
);
