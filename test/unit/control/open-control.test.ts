import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askState, endLab, sendDown, takePlace } from '../../../server/control/control-client.ts';
import { openControl } from '../../../server/control/open-control.ts';
import { Places } from '../../../server/cli/places.ts';
import type { RunningLab } from '../../../server/control/state.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const OPEN_CONTROL = join(import.meta.dirname, '../../../server/control/open-control.ts');

const LAB: RunningLab = {
  id: '6f1c8c1e-2b52-4c68-9d52-0c4f6b1f7a10',
  scenario: 'two-steps',
  status: 'ready',
  step: 'first',
  since: '2026-01-01T12:00:00.000Z',
  hosts: ['host01', 'host02'],
  frozen: false,
  viewers: 1,
};

const noPlace = async () => null;

const open = (folder: string, stop: () => void = () => undefined) =>
  openControl(folder, { version: '1.2.3', command: 'up', stop });

/** A process of its own that holds a folder, and then is killed. */
async function killedHolder(folder: string): Promise<void> {
  const script = `
    import { openControl } from ${JSON.stringify(OPEN_CONTROL)};
    await openControl(${JSON.stringify(folder)}, { version: '1', command: 'up', stop() {} });
    console.log('listening');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe('a control socket', { timeout: 30_000 }, () => {
  it('tells what runs, from the first moment to the last', async () => {
    await using folder = await temporaryFolder();
    expect(await askState(folder.path)).toBeNull();
    await using control = await open(folder.path);
    const preparing = { version: '1.2.3', pid: process.pid, command: 'up', status: 'preparing', labs: [] };
    expect(await askState(folder.path)).toEqual({ ...preparing, url: null });
    const operations = {
      url: 'http://127.0.0.1:7300',
      labs: () => [LAB],
      endLab: async () => true,
      takePlace: noPlace,
    };
    control.offer(operations);
    expect(await askState(folder.path)).toEqual({ ...preparing, url: operations.url, labs: [LAB] });
    control.serve(operations);
    expect(await askState(folder.path)).toMatchObject({ status: 'serving', labs: [LAB] });
    control.stopping();
    expect(await askState(folder.path)).toMatchObject({ status: 'stopping' });
    await control[Symbol.asyncDispose]();
    expect(await askState(folder.path)).toBeNull();
  });

  it('is its owner’s only, and leaves nothing but the lock’s file behind', async () => {
    await using folder = await temporaryFolder();
    const cache = join(folder.path, 'cache');
    const control = await open(cache);
    const modes = [cache, join(cache, 'control.sock')].map(async (path) => (await stat(path)).mode & 0o777);
    expect(await Promise.all(modes)).toEqual([0o700, 0o600]);
    expect((await readdir(cache)).toSorted()).toEqual(['control.lock', 'control.sock']);
    await control[Symbol.asyncDispose]();
    expect(await readdir(cache)).toEqual(['control.lock']);
  });

  it('is reached in a folder whose path is longer than a socket’s may be', async () => {
    await using folder = await temporaryFolder();
    const deep = join(folder.path, 'a'.repeat(100), 'b'.repeat(100));
    await mkdir(deep, { recursive: true });
    await using _ = await open(deep);
    expect(await askState(deep)).toMatchObject({ pid: process.pid });
  });

  it('refuses a second Drydock in words that name the first', async () => {
    await using folder = await temporaryFolder();
    await using control = await open(folder.path);
    control.serve({
      url: 'http://127.0.0.1:7300',
      labs: () => [],
      endLab: async () => false,
      takePlace: noPlace,
    });
    await expect(open(folder.path)).rejects.toThrow(
      new RegExp(`uses the cache folder .*\`up\`, process ${process.pid}, at http://127.0.0.1:7300.*down`),
    );
    expect(await askState(folder.path)).toMatchObject({ status: 'serving' });
  });

  it('goes to one of many that start at once', async () => {
    await using folder = await temporaryFolder();
    const starts = await Promise.allSettled(Array.from({ length: 8 }, () => open(folder.path)));
    const winners = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    expect(winners).toHaveLength(1);
    expect(await askState(folder.path)).toMatchObject({ pid: process.pid });
    await winners[0]?.[Symbol.asyncDispose]();
  });

  it('of a Drydock that was killed is replaced', async () => {
    await using folder = await temporaryFolder();
    await killedHolder(folder.path);
    expect(await readdir(folder.path)).toContain('control.sock');
    expect(await askState(folder.path)).toBeNull();
    await using _ = await open(folder.path);
    expect(await askState(folder.path)).toMatchObject({ pid: process.pid });
  });

  it('ends a lab, and says where there is none', async () => {
    await using folder = await temporaryFolder();
    await using control = await open(folder.path);
    expect(await endLab(folder.path, LAB.id)).toBe(false);
    const asked: string[] = [];
    const end = async (id: string) => asked.push(id) > 0 && id === LAB.id;
    control.serve({ url: 'http://127.0.0.1:7300', labs: () => [LAB], endLab: end, takePlace: noPlace });
    expect(await endLab(folder.path, LAB.id)).toBe(true);
    expect(await endLab(folder.path, 'other')).toBe(false);
    expect(asked).toEqual([LAB.id, 'other']);
  });

  it('gives a place to whoever asks, until that one is done with it or the server has ended', async () => {
    await using folder = await temporaryFolder();
    expect(await takePlace(folder.path)).toBeNull();
    const control = await open(folder.path);
    expect(await takePlace(folder.path)).toBeNull();
    const places = new Places(2, 0);
    control.serve({
      url: null,
      labs: () => [],
      endLab: async () => false,
      takePlace: async () => {
        const place = places.take();
        return place && { cluster: 'c1', [Symbol.asyncDispose]: async () => place[Symbol.dispose]() };
      },
    });
    const one = await takePlace(folder.path);
    expect(one?.cluster).toBe('c1');
    expect(await takePlace(folder.path)).not.toBeNull();
    expect(await takePlace(folder.path)).toBeNull();
    one?.[Symbol.dispose]();
    await expect.poll(() => takePlace(folder.path)).not.toBeNull();
    await control[Symbol.asyncDispose]();
    const free = () => {
      using place = places.take();
      return place !== null;
    };
    await expect.poll(free).toBe(true);
  });

  it('told to end everything ends the labs by name and then the process, once', async () => {
    await using folder = await temporaryFolder();
    expect(await sendDown(folder.path)).toBe(false);
    const done: string[] = [];
    await using control = await open(folder.path, () => done.push('stop'));
    const end = async (id: string) => done.push(id) > 0;
    control.serve({ url: 'http://127.0.0.1:7300', labs: () => [LAB], endLab: end, takePlace: noPlace });
    expect(await sendDown(folder.path)).toBe(true);
    expect(await sendDown(folder.path)).toBe(true);
    expect(done).toEqual([LAB.id, 'stop']);
    expect(await askState(folder.path)).toMatchObject({ status: 'stopping' });
  });
});
