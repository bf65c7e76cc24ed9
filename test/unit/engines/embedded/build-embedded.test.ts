import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildEmbedded, embeddedFolders } from '../../../../server/engines/embedded/build-embedded.ts';
import { cleanSnapshot } from '../../../../server/engines/embedded/clean-snapshot.ts';
import { EMULATED } from '../../../../server/engines/embedded/guest-shape.ts';
import { Stages } from '../../../../server/engines/stages.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const SIZE = { cores: 2, memoryMiB: 2048 };
const NEVER = new AbortController().signal;

describe('the folders that the engine is built in', () => {
  it('are those in which it is found again, so that whoever looks for it asks for the same', async () => {
    await using cache = await temporaryFolder();
    const refuse = () => Promise.reject(new Error('This was built already.'));
    const contents = {
      inputs: ['images'],
      readOnlyVolumes: [],
      fill: refuse,
      start: refuse,
      warmUp: { inputs: [], run: refuse },
    };
    const folders = await embeddedFolders(cache.path, contents, SIZE);
    await Promise.all(Object.values(folders).map((folder) => mkdir(folder)));
    const build = await buildEmbedded(cache.path, contents, new Stages(() => undefined, NEVER));
    expect(dirname(build.kernel)).toBe(join(folders.guest, 'root/boot'));
    expect(Object.values(build.disks).map(dirname)).toEqual(Array(3).fill(folders.disks));
    expect(build.emulator.command('qemu-img').at(-1)).toBe(join(folders.emulator, 'usr/bin/qemu-img'));
    expect((await cleanSnapshot(cache.path, build, { ...SIZE, accelerator: EMULATED }, NEVER)).folder).toBe(
      folders.snapshot,
    );
  });

  it('are others for other contents and for another machine', async () => {
    const names = async (inputs: string[], cores: number, warmth = 'cluster') => {
      const warmUp = { inputs: [warmth], run: async () => undefined };
      const folders = await embeddedFolders(
        '/cache',
        { inputs, readOnlyVolumes: [], warmUp },
        { ...SIZE, cores },
      );
      return Object.values(folders).map((folder) => basename(folder));
    };
    const [emulator, guest, disks, snapshot] = await names(['images'], 2);
    const [, , otherDisks, otherSnapshot] = await names(['other images'], 2);
    expect([otherDisks === disks, otherSnapshot === snapshot]).toEqual([false, false]);
    const [sameEmulator, sameGuest, sameDisks, onOther] = await names(['images'], 4);
    expect([sameEmulator, sameGuest, sameDisks]).toEqual([emulator, guest, disks]);
    expect(onOther).not.toBe(snapshot);
    const [, , disksToo, warmedOtherwise] = await names(['images'], 2, 'other cluster');
    expect([disksToo === disks, warmedOtherwise === snapshot]).toEqual([true, false]);
  });
});
