import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openProofFile } from '../../../server/cli/proof-file.ts';
import { languageOf } from '../../../server/cli/prove.ts';
import { UserError } from '../../../server/engines/user-error.ts';
import { describeEnd, describeResult } from '../../../server/proof/describe-proof.ts';
import type { Proof } from '../../../server/proof/proof.ts';
import { twoStepScenario } from '../../support/scenarios.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const proof: Proof = {
  scenario: 'two-steps',
  engine: { kind: 'embedded', version: '26.1' },
  steps: [],
  mutations: [],
  eachStep: [],
  seconds: 1,
  holds: true,
};

describe('the file that a proof is written to', () => {
  test('keeps what it had until there is something to write, and has that alone then', async () => {
    await using folder = await temporaryFolder();
    const path = await folder.write('proof.json', 'of yesterday');
    await using file = await openProofFile(path);
    expect(await readFile(path, 'utf8')).toBe('of yesterday');
    await file.write(proof);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(proof);
  });

  test('is refused before the proof where it cannot be written, with what to do', async () => {
    await using folder = await temporaryFolder();
    for (const path of [folder.path, join(folder.path, 'none', 'proof.json')]) {
      const refused = openProofFile(path);
      await expect(refused).rejects.toThrow(UserError);
      await expect(refused).rejects.toThrow('Give --json a file in a folder that is yours.');
    }
  });
});

describe('what a proof says', () => {
  const step = { id: 'first', title: 'First', before: [], commands: [], after: [], seconds: 1, holds: true };

  test('is each result once, and at its end how many there were', () => {
    expect(describeResult(step, 'on the way', 'en')).toBe('ok       1.0 s  first\n');
    expect(describeResult(step, 'alone', 'en')).toBe('ok       1.0 s  first, on a cluster of its own\n');
    const wrong = { step: 'first', name: 'no swarm', check: 'c', because: 'b', wrong: [], undone: [] };
    const mutations = [{ ...wrong, seconds: 1, holds: true }];
    expect(describeEnd({ ...proof, steps: [step], mutations }, true)).toBe(
      '\ntwo-steps holds: 1 step, 1 wrong state, 1 s.\n',
    );
  });

  test('is nothing of wrong states where none were to be tried', () => {
    expect(describeEnd({ ...proof, steps: [step] }, false)).toBe('\ntwo-steps holds: 1 step, 1 s.\n');
  });
});

describe('the language of a proof', () => {
  const chinese = { ...twoStepScenario, title: { 'zh-CN': '两步' } };

  test('is the scenario’s first unless another of its own is wished', () => {
    expect(languageOf(twoStepScenario, undefined)).toBe('en');
    expect(languageOf(twoStepScenario, 'zh-CN')).toBe('zh-CN');
    expect(languageOf(chinese, undefined)).toBe('zh-CN');
  });

  test('is none that the scenario is not in', () => {
    expect(() => languageOf(chinese, 'en')).toThrow('two-steps is not in en; it is in zh-CN.');
  });
});
