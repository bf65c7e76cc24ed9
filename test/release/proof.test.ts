import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../server/config.ts';
import { Proof } from '../../server/proof/proof.ts';
import { drydock } from '../support/drydock-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MINUTE = 60_000;

test(
  'the swarm lab is proven, each step also on a cluster of its own, and its checks notice every wrong state',
  async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'proof.json');
    const words = ['prove', 'swarm-load-balancing', '--mutations', '--each-step', '--json', file];
    const { exitCode, stdout } = await drydock(readConfig(process.env).cache, words);
    // What did not hold is in what it says.
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/swarm-load-balancing holds: 4 steps/)]);
    const proof = Proof.parse(JSON.parse(await readFile(file, 'utf8')));
    expect(proof).toMatchObject({ scenario: 'swarm-load-balancing', engine: { kind: 'embedded' } });
    expect(proof.steps.map(({ holds }) => holds)).toEqual([true, true, true, true]);
    expect(proof.eachStep.map(({ holds }) => holds)).toEqual([true, true, true]);
    expect(proof.mutations.length).toBeGreaterThanOrEqual(20);
    expect(proof.mutations.filter(({ holds }) => !holds)).toEqual([]);
  },
  40 * MINUTE,
);
