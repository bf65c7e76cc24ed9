import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cachedFolder, cachedPath, digest, digestOfFolder } from '../../../server/engines/cached-folder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const SOURCE = join(import.meta.dirname, '../../../server/engines/cached-folder.ts');

/** The folder, with nobody who would end the waiting for it. */
const made = (
  cache: string,
  name: string,
  inputs: readonly string[],
  build: (folder: string) => Promise<void>,
  signal = new AbortController().signal,
) => cachedFolder(cache, name, inputs, build, signal);
/** What lies in a cache beside the locks, which stay. */
const entriesOf = async (cache: string) => (await readdir(cache)).filter((name) => !name.endsWith('.lock'));
const writing = (text: string) => (folder: string) => writeFile(join(folder, 'content'), text);
const content = (folder: string) => readFile(join(folder, 'content'), 'utf8');
const unwanted = () => Promise.reject(new Error('This was built already.'));

/** The number of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  if (child.pid === undefined) throw new Error('The process did not start.');
  return child.pid;
}

describe('a cached folder', () => {
  it('is built once and found again by its inputs', async () => {
    await using cache = await temporaryFolder();
    const first = await made(cache.path, 'guest', ['a', 'b'], writing('made'));
    expect(await made(cache.path, 'guest', ['a', 'b'], unwanted)).toBe(first);
    expect(await content(first)).toBe('made');
    expect(await entriesOf(cache.path)).toEqual([basename(first)]);
  });

  it('is built in a cache that is not there yet', async () => {
    await using folder = await temporaryFolder();
    const cache = join(folder.path, 'a/new/cache');
    expect(await content(await made(cache, 'guest', [], writing('made')))).toBe('made');
  });

  it('leaves nothing of a build that fails, and is built anew the next time', async () => {
    await using cache = await temporaryFolder();
    const failing = made(cache.path, 'guest', ['a'], async (folder) => {
      await writing('half')(folder);
      throw new Error('The disk is full.');
    });
    await expect(failing).rejects.toThrow('The disk is full.');
    expect(await entriesOf(cache.path)).toEqual([]);
    expect(await content(await made(cache.path, 'guest', ['a'], writing('whole')))).toBe('whole');
  });

  it.each([
    ['has gone', (file: string) => rm(file)],
    ['was cut short', (file: string) => truncate(file, 2)],
    ['was written to', (file: string) => writeFile(file, 'evil')],
  ])('one of whose files %s is built anew', async (_, spoil) => {
    await using cache = await temporaryFolder();
    const { signal } = new AbortController();
    const make = (text: string) =>
      cachedFolder(cache.path, 'guest', ['a'], writing(text), signal, ['content']);
    const folder = await make('good');
    expect(await content(await make('unwanted'))).toBe('good');
    await spoil(join(folder, 'content'));
    expect(await make('anew')).toBe(folder);
    expect(await content(folder)).toBe('anew');
    expect(await entriesOf(cache.path)).toEqual([basename(folder)]);
  });

  it('is not in its place before it is finished', async () => {
    await using cache = await temporaryFolder();
    const place = cachedPath(cache.path, 'guest', ['a']);
    const result = await made(cache.path, 'guest', ['a'], async (folder) => {
      await writing('made')(folder);
      expect(folder).not.toBe(place);
      expect(await entriesOf(cache.path)).not.toContain(basename(place));
    });
    expect(result).toBe(place);
  });

  it('is built anew for other inputs, and the version before it goes, and no other thing', async () => {
    await using cache = await temporaryFolder();
    const kept = await made(cache.path, 'guest-root', ['a'], writing('another'));
    await cache.write('guest-notes', 'of a person');
    await made(cache.path, 'guest', ['a'], writing('old'));
    const result = await made(cache.path, 'guest', ['b'], writing('new'));
    expect(await content(result)).toBe('new');
    expect((await entriesOf(cache.path)).toSorted()).toEqual(
      [basename(kept), 'guest-notes', basename(result)].toSorted(),
    );
  });

  it('is rid of what a process that is gone has left, not of what a living one is making', async () => {
    await using cache = await temporaryFolder();
    const abandoned = `guest-0123456789abcdef.partial-${await endedProcess()}`;
    const inWork = `guest-fedcba9876543210.partial-${process.ppid}`;
    const another = `disks-0123456789abcdef.partial-${await endedProcess()}`;
    await Promise.all([abandoned, inWork, another].map((name) => mkdir(join(cache.path, name))));
    const result = await made(cache.path, 'guest', ['a'], writing('made'));
    expect((await entriesOf(cache.path)).toSorted()).toEqual([another, basename(result), inWork].toSorted());
  });

  it('is made by one of several who want it at once, and found by the others', async () => {
    await using cache = await temporaryFolder();
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const one = made(cache.path, 'guest', ['a'], async (folder) => {
      begun.resolve();
      await goOn.promise;
      await writing('by one')(folder);
    });
    await begun.promise;
    const others = [1, 2].map(() => made(cache.path, 'guest', ['a'], unwanted));
    goOn.resolve();
    expect(new Set(await Promise.all([one, ...others])).size).toBe(1);
    expect(await content(await one)).toBe('by one');
    expect(await entriesOf(cache.path)).toEqual([basename(await one)]);
  });

  it('is waited for while another process makes it, and made when that one is killed', async () => {
    await using cache = await temporaryFolder();
    const child = spawn(process.execPath, [
      ...['--input-type=module', '--eval'],
      `import { cachedFolder } from ${JSON.stringify(SOURCE)};
       const build = () => { console.log('begun'); return new Promise(() => setInterval(() => {}, 1000)); };
       await cachedFolder(${JSON.stringify(cache.path)}, 'guest', ['a'], build, new AbortController().signal);`,
    ]);
    await once(child.stdout, 'data');
    const impatient = made(cache.path, 'guest', ['a'], unwanted, AbortSignal.timeout(100));
    await expect(impatient).rejects.toThrow('timeout');
    const patient = made(cache.path, 'guest', ['a'], writing('by the next'));
    child.kill('SIGKILL');
    expect(await content(await patient)).toBe('by the next');
  });
});

describe('a digest', () => {
  it('tells lists apart that are the same text with other borders', () => {
    expect(digest(['ab', 'c'])).not.toBe(digest(['a', 'bc']));
    expect(digest(['ab', 'c'])).toBe(digest(['ab', 'c']));
    expect(digest([])).toMatch(/^[0-9a-f]{16}$/);
  });

  it('of a folder is the same wherever it is and whenever it was written', async () => {
    const filled = async () => {
      const folder = await temporaryFolder();
      await folder.write('bin/start', '#!/bin/sh\n', 0o755);
      await symlink('start', join(folder.path, 'bin/link'));
      return folder;
    };
    await using one = await filled();
    await using two = await filled();
    await utimes(join(two.path, 'bin/start'), 0, 0);
    expect(await digestOfFolder(one.path)).toBe(await digestOfFolder(two.path));
  });

  it('of a folder changes with a content, a mode, a name and the end of a link', async () => {
    await using folder = await temporaryFolder();
    const file = await folder.write('start', 'one');
    await symlink('start', join(folder.path, 'link'));
    const digests = [await digestOfFolder(folder.path)];
    const change = async (work: () => Promise<void>) => {
      await work();
      digests.push(await digestOfFolder(folder.path));
    };
    await change(() => writeFile(file, 'two'));
    await change(() => chmod(file, 0o755));
    await change(() => rename(file, join(folder.path, 'begin')));
    await change(async () => {
      await rename(join(folder.path, 'link'), join(folder.path, 'old'));
      await symlink('begin', join(folder.path, 'link'));
    });
    await change(() => symlink('elsewhere', join(folder.path, 'new')));
    expect(new Set(digests).size).toBe(digests.length);
  });
});
