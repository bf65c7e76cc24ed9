import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { IdleWatch } from '../../../server/sessions/idle-watch.ts';

function setUp(idleAfter: number | null, longIdleAfter: number | null) {
  const told: string[] = [];
  const began = performance.now();
  const times: number[] = [];
  const tell = (what: string) => () => {
    told.push(what);
    times.push(performance.now() - began);
  };
  const watch = new IdleWatch({
    idleAfter,
    longIdleAfter,
    onIdle: tell('idle'),
    onLongIdle: tell('long'),
  });
  return { watch, told, times };
}

it('a session that nobody looks at is idle after one time, and for long after another', async () => {
  const { watch, told, times } = setUp(40, 80);
  watch.start();
  await expect.poll(() => told, { interval: 5 }).toEqual(['idle', 'long']);
  expect(times[0]).toBeGreaterThanOrEqual(39);
  expect(times[1]).toBeGreaterThanOrEqual(119);
  watch[Symbol.dispose]();
});

it('what happens puts that off, however often, and somebody who looks for as long as they do', async () => {
  const { watch, told, times } = setUp(60, null);
  watch.start();
  watch.viewers = 1;
  const until = performance.now() + 150;
  while (performance.now() < until) await sleep(10);
  expect(told).toEqual([]);
  watch.viewers = 0;
  const last = performance.now();
  while (performance.now() < last + 100) {
    watch.active();
    await sleep(10);
  }
  expect(told).toEqual([]);
  await expect.poll(() => told, { interval: 5 }).toEqual(['idle']);
  expect(times[0]).toBeGreaterThanOrEqual(300);
  watch[Symbol.dispose]();
});

it('a session that is looked at again after it was idle can be idle again, and none is before it starts', async () => {
  const { watch, told } = setUp(20, 10_000);
  watch.viewers = 0;
  await sleep(60);
  expect(told).toEqual([]);
  watch.start(20);
  expect(told).toEqual(['idle']);
  watch.viewers = 1;
  watch.viewers = 0;
  await expect.poll(() => told, { interval: 5 }).toEqual(['idle', 'idle']);
  watch[Symbol.dispose]();
});
