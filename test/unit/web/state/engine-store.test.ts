import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineStatus } from '../../../../server/protocol/index.ts';
import { createApi } from '../../../../web/src/state/api.ts';
import { EngineStore } from '../../../../web/src/state/engine-store.ts';
import { FakeServer } from '../support.ts';

const preparing: EngineStatus = { status: 'preparing', again: false, stages: [], secondsLeft: 100 };

describe('EngineStore', () => {
  let server: FakeServer;
  let store: EngineStore;

  beforeEach(() => {
    vi.useFakeTimers();
    server = new FakeServer();
    server.ok('GET /api/engine', preparing);
    store = new EngineStore(createApi(server.fetch));
  });
  afterEach(() => vi.useRealTimers());

  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  it('asks every two seconds until the engine is ready, and seldom then, as it may end', async () => {
    const stop = store.watch();
    await pass(0);
    expect(store.status.value).toEqual(preparing);
    await pass(1900);
    expect(server.requests).toHaveLength(1);
    server.ok('GET /api/engine', { status: 'ready', limits: [] });
    await pass(200);
    expect(store.status.value).toEqual({ status: 'ready', limits: [] });
    await pass(14_000);
    expect(server.requests).toHaveLength(2);
    server.ok('GET /api/engine', { ...preparing, again: true });
    await pass(2000);
    expect(store.status.value).toMatchObject({ status: 'preparing', again: true });
    stop();
  });

  it('asks no more when it is told to stop, also when an answer is under way', async () => {
    const release = server.hold('GET /api/engine', { status: 'ready', limits: [] });
    const stop = store.watch();
    stop();
    release();
    await pass(60_000);
    expect([server.requests.length, store.status.value]).toEqual([1, null]);
  });

  it('keeps the status of a server that does not answer, says so, and asks on', async () => {
    const stop = store.watch();
    await pass(0);
    server.answers.clear();
    await pass(2000);
    expect(store.status.value).toEqual(preparing);
    expect(store.problem.value).toEqual({ error: 'unreachable' });
    server.ok('GET /api/engine', { status: 'failed', reason: { en: 'No room.' } });
    await pass(2000);
    expect([store.status.value?.status, store.problem.value]).toEqual(['failed', null]);
    stop();
  });
});
