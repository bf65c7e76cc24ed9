import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { event as eventSchema } from '../../../server/checks/engine-schemas.ts';
import { EventWatch } from '../../../server/checks/event-watch.ts';
import { fakeEngine } from './fake-engine.ts';

/** What a host says of a container, on one line. */
const line = (action: string, id: string, attributes = {}) =>
  `${JSON.stringify({ Type: 'container', Action: action, Actor: { ID: id, Attributes: attributes }, timeNano: 1e18 })}\n`;

/** Looks on at a host whose events are told by `tell`, and which never answers anything else. */
function watching(tell: (response: ServerResponse) => unknown) {
  let seen = 0;
  const engine = fakeEngine((path, _request, response) => {
    if (!path.startsWith('/events')) return undefined;
    response.writeHead(200);
    void tell(response);
    return undefined;
  });
  const watch = new EventWatch(engine.host, () => (seen += 1));
  return {
    engine,
    seen: () => seen,
    [Symbol.asyncDispose]: async () => {
      watch[Symbol.dispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

test('a host that tells of containers without end and answers nothing is asked of few of them', async () => {
  const containers = Array.from({ length: 1500 }, (_, id) => line('create', `c${id}`)).join('');
  await using watched = watching((response) => response.write(containers));
  await expect.poll(watched.seen).toBe(1500);
  expect(watched.engine.dials()).toBeLessThan(50);
});

test('a host that tells of something all the time is heard no faster than others have time for', async () => {
  let told = 0;
  const ended = new AbortController();
  const flood = line('start', 'c1').repeat(500);
  await using watched = watching(async (response) => {
    while (!response.destroyed) {
      told += flood.length;
      if (response.write(flood)) continue;
      await once(response, 'drain', { signal: ended.signal }).catch(() => response.destroy());
    }
  });
  await expect.poll(watched.seen).toBeGreaterThan(1000);
  const before = { told, at: performance.now() };
  await expect.poll(() => performance.now() - before.at, { timeout: 3000 }).toBeGreaterThan(2000);
  ended.abort();
  expect(told - before.told).toBeLessThan(1024 * 1024);
});

test('of the long words of an event no more is kept in memory than is asked for', () => {
  setFlagsFromString('--expose-gc');
  const used = () => {
    runInNewContext('gc()');
    return process.memoryUsage().heapUsed;
  };
  const before = used();
  const kept = Array.from({ length: 300 }, (_, id) =>
    eventSchema.parse(JSON.parse(line('start', `c${id}`, { image: `${id}${'x'.repeat(200_000)}` }))),
  );
  expect(used() - before).toBeLessThan(10 * 1024 * 1024);
  expect(kept.at(-1)?.attributes['image']).toHaveLength(500);
});
