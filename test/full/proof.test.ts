import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../server/config.ts';
import { Proof } from '../../server/proof/proof.ts';
import { drydock } from '../support/drydock-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MINUTE = 60_000;

test(
  'the command proves the swarm lab on an engine of its own, and writes what it has found to a file',
  async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'proof.json');
    const words = ['prove', 'swarm-load-balancing', '--json', file];
    const { exitCode, stdout } = await drydock(readConfig(process.env).cache, words);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/swarm-load-balancing holds: 4 steps/)]);
    const proof = Proof.parse(JSON.parse(await readFile(file, 'utf8')));
    expect(proof).toMatchObject({
      scenario: 'swarm-load-balancing',
      engine: { kind: 'embedded' },
      mutations: [],
      holds: true,
    });
    expect(proof.steps.map(({ holds }) => holds)).toEqual([true, true, true, true]);
  },
  15 * MINUTE,
);
