import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClusterChecks } from '../../server/checks/cluster-checks.ts';
import { clientEnvironment } from '../../server/cli/client-environment.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { embeddedGround } from '../../server/images/ground.ts';
import { openSessionStore } from '../../server/sessions/store.ts';
import type { SessionTerms } from '../../server/sessions/terms.ts';
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts';
import { RecordingViewer } from '../support/recording-viewer.ts';
import { twoStepScenario } from '../support/scenarios.ts';
import { readyEngine, testSessions } from '../support/test-sessions.ts';

const MINUTE = 60_000;
const LAB = twoStepScenario.slug;

let engine: PrivateEngine;

beforeAll(async () => {
  engine = await startPrivateEngine();
  Object.assign(process.env, clientEnvironment(engine));
}, 10 * MINUTE);

afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
}, MINUTE);

/** The sessions of a server on the engine, of which others may follow with the same store. */
async function serve(store: ReturnType<typeof openSessionStore>, terms: Partial<SessionTerms>) {
  const [{ provisionCluster }, { adoptOn }, { reapCluster }] = await Promise.all([
    import('../../server/clusters/provision.ts'),
    import('../../server/clusters/adopt.ts'),
    import('../../server/clusters/reap.ts'),
  ]);
  const { sessions, lines } = testSessions({
    engine: readyEngine({
      provision: provisionCluster,
      adopt: adoptOn(embeddedGround('unowned')),
      remove: reapCluster,
      capacity: 4,
      lacks: new Map(),
      limits: [],
      runs: async () => true,
    }),
    store,
    terms,
    openChecks: (cluster) => new ClusterChecks(cluster),
  });
  const status = () => sessions.get('ada', LAB)?.status;
  const pausedHosts = async () => {
    const paused = await dockerClient(engine).listContainers({ filters: { status: ['paused'] } });
    return paused.length;
  };
  const terminal = () => {
    const found = sessions.terminal('ada', LAB, 'host01');
    if (found === undefined) throw new Error('host01 has no terminal');
    return found;
  };
  return { sessions, status, pausedHosts, terminal, lines };
}

test(
  'real hosts that nobody looks at are frozen, adopted frozen, thawed with what ran on them, and removed frozen',
  async () => {
    const store = openSessionStore(':memory:');
    const one = await serve(store, { freezeAfter: 1500 });
    one.sessions.start('ada', LAB);
    await expect.poll(one.status, { timeout: MINUTE }).toBe('ready');
    const look = () => one.sessions.subscribe('ada', LAB, () => undefined);
    const stopLooking = look();
    one.terminal().input(Buffer.from('sleep 1; counted=7; echo "has $((counted * 6))"\r'));
    const seen = new RecordingViewer(one.terminal());
    one.terminal().attach(seen, 0);
    await seen.until(({ bytes }) => bytes.includes('has 42'));
    stopLooking();
    await expect.poll(one.pausedHosts, { timeout: MINUTE }).toBe(2);
    const stopAgain = look();
    await expect.poll(one.pausedHosts).toBe(0);
    one.terminal().input(Buffer.from('echo "still $counted"\r'));
    await seen.until(({ bytes }) => bytes.includes('still 7'));
    stopAgain();
    await expect.poll(one.pausedHosts, { timeout: MINUTE }).toBe(2);
    const left = performance.now();
    await one.sessions.leave();
    expect(performance.now() - left).toBeLessThan(10_000);

    const two = await serve(store, { freezeAfter: 2000, reapAfter: 2000 });
    await expect.poll(two.status, { timeout: MINUTE }).toBe('ready');
    const stop = two.sessions.subscribe('ada', LAB, () => undefined);
    await expect.poll(two.pausedHosts, { timeout: MINUTE }).toBe(0);
    const again = new RecordingViewer(two.terminal());
    two.terminal().attach(again, 0);
    two.terminal().input(Buffer.from('echo "even now $counted"\r'));
    await again.until(({ bytes }) => bytes.includes('even now 7'));
    expect(again.bytes.toString()).toContain('still 7');
    stop();
    await expect.poll(two.pausedHosts, { timeout: MINUTE }).toBe(2);
    await expect.poll(() => two.sessions.get('ada', LAB), { timeout: MINUTE }).toMatchObject({ why: 'idle' });
    await expect.poll(() => two.sessions.places, { timeout: MINUTE }).toBe(0);
    expect(await two.pausedHosts()).toBe(0);
    expect([one.lines.errors, two.lines.errors]).toEqual([[], []]);
  },
  5 * MINUTE,
);

test(
  'hosts in a swarm, which would take them for dead, are never frozen, and removed when nobody comes',
  async () => {
    const { sessions, status, pausedHosts, terminal, lines } = await serve(openSessionStore(':memory:'), {
      freezeAfter: 1000,
      reapAfter: 4000,
    });
    sessions.start('ada', LAB);
    const stopLooking = sessions.subscribe('ada', LAB, () => undefined);
    await expect.poll(status, { timeout: MINUTE }).toBe('ready');
    const seen = new RecordingViewer(terminal());
    terminal().attach(seen, 0);
    terminal().input(Buffer.from('docker swarm init > /dev/null && echo "swarm: $((6 * 7))"\r'));
    await seen.until(({ bytes }) => bytes.includes('swarm: 42'));
    stopLooking();
    while (status() === 'ready') expect(await pausedHosts()).toBe(0);
    expect(sessions.get('ada', LAB)).toMatchObject({ status: 'ended', why: 'idle' });
    await expect.poll(() => sessions.places, { timeout: MINUTE }).toBe(0);
    expect(lines.errors).toEqual([]);
  },
  3 * MINUTE,
);
