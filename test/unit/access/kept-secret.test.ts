import { chmod, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRandomSecret, keptSecret, randomSecret } from '../../../server/access/kept-secret.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('a secret that is kept', () => {
  it('is made once, also where two want it at once, and is its owner’s alone', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'secret');
    const made = await Promise.all(Array.from({ length: 4 }, () => keptSecret(file, randomSecret)));
    expect(new Set(made).size).toBe(1);
    expect(made[0]).toSatisfy(isRandomSecret);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder.path)).toEqual(['secret']);
  });

  it('becomes its owner’s alone again', async () => {
    await using folder = await temporaryFolder();
    const file = await folder.write('secret', `${'a'.repeat(43)}\n`);
    await chmod(file, 0o644);
    expect(await keptSecret(file, randomSecret, isRandomSecret)).toBe('a'.repeat(43));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('is refused where the file holds something else, with what to do', async () => {
    await using folder = await temporaryFolder();
    const file = await folder.write('secret', '\n');
    await expect(keptSecret(file, randomSecret, isRandomSecret)).rejects.toThrow(/secret.*Remove it/);
  });
});
