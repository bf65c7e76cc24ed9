import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterPool } from '../../../server/clusters/pool.ts';
import { FakeProvisioner } from '../../support/fake-provisioner.ts';
import { settled } from '../../support/settled.ts';

const SPEC = { hosts: ['host01', 'host02'] };
const never = new AbortController().signal;

const OTHER = { hosts: ['host01'] };

function setUp({ room = 10, wanted = [SPEC] } = {}) {
  const provisioner = new FakeProvisioner();
  const errors: unknown[] = [];
  const state = { room, wanted };
  const pool = new ClusterPool({
    provision: provisioner.provision,
    wanted: () => state.wanted,
    room: () => state.room,
    onError: (error) => errors.push(error),
  });
  /** How many hosts each cluster has that is there. */
  const there = () =>
    provisioner.clusters.flatMap(({ disposals, hosts }) => (disposals === 0 ? [hosts.size] : []));
  return { provisioner, errors, state, pool, there };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a pool of clusters', () => {
  it('has a frozen one ready, and thaws it for whoever asks', async () => {
    const { provisioner, pool } = setUp();
    pool.fill();
    await settled();
    expect(provisioner.cluster).toMatchObject({ openedAhead: true, frozen: true });
    const cluster = await pool.provision(SPEC, () => undefined, never);
    expect(cluster.id).toBe(provisioner.cluster.id);
    expect(provisioner.cluster.frozen).toBe(false);
    expect(provisioner.requests).toBe(1);
  });

  it('gives each to one only, and makes one on the spot for the next', async () => {
    const { provisioner, pool } = setUp();
    pool.fill();
    await settled();
    const [one, two] = await Promise.all([
      pool.provision(SPEC, () => undefined, never),
      pool.provision(SPEC, () => undefined, never),
    ]);
    expect(one.id).not.toBe(two.id);
    expect(provisioner.requests).toBe(2);
  });

  it('makes another some time after one was taken, and no second one', async () => {
    const { provisioner, pool } = setUp();
    pool.fill();
    pool.fill();
    await pool.provision(SPEC, () => undefined, never);
    expect(provisioner.requests).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    await settled();
    expect(provisioner.requests).toBe(2);
    expect(provisioner.cluster.frozen).toBe(true);
  });

  it('makes none where there is no room, and one when a lab has gone', async () => {
    const { provisioner, state, pool } = setUp({ room: 0 });
    pool.fill();
    await settled();
    expect(provisioner.requests).toBe(0);
    const lab = await pool.provision(SPEC, () => undefined, never);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(provisioner.requests).toBe(1);
    state.room = 1;
    await lab[Symbol.asyncDispose]();
    await vi.advanceTimersByTimeAsync(60_000);
    await settled();
    expect(provisioner.requests).toBe(2);
  });

  it('hands over one that is still being made, with how far its hosts are', async () => {
    const { provisioner, pool } = setUp();
    provisioner.hold();
    pool.fill();
    await settled();
    const seen: string[] = [];
    const taken = pool.provision(SPEC, (host, state) => seen.push(`${host} ${state}`), never);
    await settled();
    expect(seen).toEqual(['host01 starting', 'host02 starting']);
    provisioner.release();
    await taken;
    expect(seen).toEqual(['host01 starting', 'host02 starting', 'host01 ready', 'host02 ready']);
    expect(provisioner.cluster).toMatchObject({ openedAhead: false, frozen: false });
    expect(provisioner.requests).toBe(1);
  });

  it('does not give away one whose taker has gone, and removes it', async () => {
    const { provisioner, pool } = setUp();
    provisioner.hold();
    pool.fill();
    await settled();
    const gone = new AbortController();
    const taken = pool.provision(SPEC, () => undefined, gone.signal);
    gone.abort(new Error('the learner has left'));
    expect(provisioner.signals[0]?.aborted).toBe(true);
    provisioner.release();
    await expect(taken).rejects.toThrow('the learner has left');
    expect(provisioner.cluster.disposals).toBe(1);
  });

  it('makes one on the spot where a spare could not be made', async () => {
    const { provisioner, errors, pool } = setUp();
    provisioner.hold();
    pool.fill();
    await settled();
    const taken = pool.provision(SPEC, () => undefined, never);
    provisioner.fail(new Error('no space left on device'));
    expect((await taken).id).toBe(provisioner.cluster.id);
    expect(errors).toHaveLength(1);
  });

  it('removes one whose shells cannot be opened, and says why', async () => {
    const { provisioner, errors, pool, there } = setUp();
    provisioner.prepare = (cluster) => {
      cluster.openAhead = () => Promise.reject(new Error('the host gives no shell'));
    };
    pool.fill();
    await settled();
    expect(errors).toEqual([new Error('the host gives no shell')]);
    expect([there(), pool.ready]).toEqual([[], 0]);
  });

  it('gives one that is taken meanwhile, whatever becomes of its shells', async () => {
    const { provisioner, errors, pool } = setUp();
    const opening = Promise.withResolvers<void>();
    provisioner.prepare = (cluster) => {
      cluster.openAhead = () => opening.promise;
    };
    pool.fill();
    await settled();
    const taken = pool.provision(SPEC, () => undefined, never);
    opening.reject(new Error('the host gives no shell'));
    expect((await taken).id).toBe(provisioner.cluster.id);
    expect(provisioner.cluster).toMatchObject({ frozen: false, disposals: 0 });
    expect([errors, provisioner.requests]).toEqual([[], 1]);
  });

  it('removes one whose hosts cannot be thawed, and makes another on the spot', async () => {
    const { provisioner, errors, pool } = setUp();
    pool.fill();
    await settled();
    const { cluster: spare } = provisioner;
    spare.thaw = () => Promise.reject(new Error('the host has ended'));
    const given = await pool.provision(SPEC, () => undefined, never);
    expect(given.id).not.toBe(spare.id);
    expect(spare.disposals).toBe(1);
    expect(errors).toHaveLength(1);
  });

  it('keeps none of another shape for a lab', async () => {
    const { provisioner, pool } = setUp();
    pool.fill();
    await settled();
    await pool.provision(OTHER, () => undefined, never);
    expect(provisioner.requests).toBe(2);
  });

  it('has as many of each as are wanted and there is room for, and makes one after the other', async () => {
    const { provisioner, pool, there } = setUp({ room: 3, wanted: [SPEC, OTHER, SPEC, OTHER] });
    provisioner.hold();
    pool.fill();
    pool.fill();
    await settled();
    expect(provisioner.requests).toBe(1);
    provisioner.release();
    await settled();
    expect(there()).toEqual([2, 1, 2]);
    expect(provisioner.clusters.every(({ frozen }) => frozen)).toBe(true);
  });

  it('removes one that is not wanted any more when its place is, and not before', async () => {
    const { state, pool, there } = setUp({ room: 2 });
    pool.fill();
    await settled();
    state.wanted = [OTHER];
    pool.fill();
    await settled();
    expect(there()).toEqual([2, 1]);
    state.wanted = [OTHER, OTHER];
    pool.fill();
    await settled();
    expect(there()).toEqual([1, 1]);
  });

  it('makes way for a lab of another shape, which begins when the spare has gone', async () => {
    const { provisioner, state, pool, there } = setUp({ room: 1 });
    pool.fill();
    await settled();
    const { cluster: spare } = provisioner;
    const removed = Promise.withResolvers<void>();
    spare.removed = removed.promise;
    state.room = 0;
    const lab = pool.provision(OTHER, () => undefined, never);
    await settled();
    expect([spare.disposals, provisioner.requests]).toEqual([1, 1]);
    removed.resolve();
    await lab;
    expect(there()).toEqual([1]);
  });

  it('makes way while it is still being made, and counts one that is being removed', async () => {
    const { provisioner, state, pool } = setUp({ room: 1 });
    provisioner.hold();
    pool.fill();
    await settled();
    state.room = 0;
    const room = pool.makeRoom();
    expect(provisioner.signals[0]?.aborted).toBe(true);
    state.room = 1;
    pool.fill();
    await settled();
    expect(provisioner.requests).toBe(1);
    provisioner.release();
    await room;
    expect(provisioner.clusters.map(({ disposals }) => disposals)).toEqual([1]);
    pool.fill();
    await settled();
    expect(provisioner.requests).toBe(2);
  });

  it('removes its spares when it ends, those on their way too, and none that was given away', async () => {
    const { provisioner, pool } = setUp();
    pool.fill();
    const lab = await pool.provision(SPEC, () => undefined, never);
    await vi.advanceTimersByTimeAsync(60_000);
    await settled();
    await pool[Symbol.asyncDispose]();
    expect(provisioner.clusters.map(({ disposals }) => disposals)).toEqual([0, 1]);
    await lab[Symbol.asyncDispose]();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(provisioner.requests).toBe(2);
  });
});
