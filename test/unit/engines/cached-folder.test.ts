import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cachedFolder, cachedPath, digest, digestOfFolder } from '../../../server/engines/cached-folder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

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
    const first = await cachedFolder(cache.path, 'guest', ['a', 'b'], writing('made'));
    expect(await cachedFolder(cache.path, 'guest', ['a', 'b'], unwanted)).toBe(first);
    expect(await content(first)).toBe('made');
    expect(await readdir(cache.path)).toEqual([basename(first)]);
  });

  it('is built in a cache that is not there yet', async () => {
    await using folder = await temporaryFolder();
    const cache = join(folder.path, 'a/new/cache');
    expect(await content(await cachedFolder(cache, 'guest', [], writing('made')))).toBe('made');
  });

  it('leaves nothing of a build that fails, and is built anew the next time', async () => {
    await using cache = await temporaryFolder();
    const failing = cachedFolder(cache.path, 'guest', ['a'], async (folder) => {
      await writing('half')(folder);
      throw new Error('The disk is full.');
    });
    await expect(failing).rejects.toThrow('The disk is full.');
    expect(await readdir(cache.path)).toEqual([]);
    expect(await content(await cachedFolder(cache.path, 'guest', ['a'], writing('whole')))).toBe('whole');
  });

  it('is not in its place before it is finished', async () => {
    await using cache = await temporaryFolder();
    const place = cachedPath(cache.path, 'guest', ['a']);
    const made = await cachedFolder(cache.path, 'guest', ['a'], async (folder) => {
      await writing('made')(folder);
      expect(folder).not.toBe(place);
      expect(await readdir(cache.path)).not.toContain(basename(place));
    });
    expect(made).toBe(place);
  });

  it('is built anew for other inputs, and the version before it goes, and no other thing', async () => {
    await using cache = await temporaryFolder();
    const kept = await cachedFolder(cache.path, 'guest-root', ['a'], writing('another'));
    await cache.write('guest-notes', 'of a person');
    await cachedFolder(cache.path, 'guest', ['a'], writing('old'));
    const made = await cachedFolder(cache.path, 'guest', ['b'], writing('new'));
    expect(await content(made)).toBe('new');
    expect((await readdir(cache.path)).toSorted()).toEqual(
      [basename(kept), 'guest-notes', basename(made)].toSorted(),
    );
  });

  it('is rid of what a process that is gone has left, not of what a living one is making', async () => {
    await using cache = await temporaryFolder();
    const abandoned = `guest-0123456789abcdef.partial-${await endedProcess()}`;
    const inWork = `guest-fedcba9876543210.partial-${process.ppid}`;
    const another = `disks-0123456789abcdef.partial-${await endedProcess()}`;
    await Promise.all([abandoned, inWork, another].map((name) => mkdir(join(cache.path, name))));
    const made = await cachedFolder(cache.path, 'guest', ['a'], writing('made'));
    expect((await readdir(cache.path)).toSorted()).toEqual([another, basename(made), inWork].toSorted());
  });

  it('is given finished to each of two who make it at once', async () => {
    await using cache = await temporaryFolder();
    const bothBegun = Promise.withResolvers<void>();
    let begun = 0;
    const make = (text: string) =>
      cachedFolder(cache.path, 'guest', ['a'], async (folder) => {
        begun += 1;
        if (begun === 2) bothBegun.resolve();
        await bothBegun.promise;
        await writing(text)(folder);
      });
    const [one, two] = await Promise.all([make('by one'), make('by two')]);
    expect(one).toBe(two);
    expect(await content(one)).toMatch(/^by (one|two)$/);
    expect(await readdir(cache.path)).toEqual([basename(one)]);
  });

  it('keeps what another process has finished meanwhile', async () => {
    await using cache = await temporaryFolder();
    const place = cachedPath(cache.path, 'guest', ['a']);
    const made = await cachedFolder(cache.path, 'guest', ['a'], async (folder) => {
      await writing('second')(folder);
      await cache.write('elsewhere/content', 'first');
      await rename(join(cache.path, 'elsewhere'), place);
    });
    expect(await content(made)).toBe('first');
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
