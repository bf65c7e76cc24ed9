import { describe, expect, it } from 'vitest';
import { Budget } from '../../../server/access/budget.ts';
import { DEVICE_CODE_MS, DeviceCodes } from '../../../server/access/device-codes.ts';
import { Guesses } from '../../../server/access/guesses.ts';
import { makeCode, plainCode } from '../../../server/access/readable-code.ts';

/** A clock that a test moves. */
function clock() {
  let now = 0;
  return { now: () => now, pass: (ms: number) => (now += ms) };
}

describe('a code that is made up', () => {
  it('has characters that nobody takes for another, in groups', () => {
    const codes = Array.from({ length: 200 }, () => makeCode(5, 5));
    expect(codes.filter((code) => !/^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$/.test(code))).toEqual([]);
    expect(new Set(codes).size).toBe(200);
    expect(new Set(codes.join('')).size).toBe(33);
  });

  it('is the same however it was read', () => {
    expect(plainCode(' O1L-abc ')).toBe(plainCode('01i ABC'));
  });
});

describe('a device’s code', () => {
  it('is good once', () => {
    const codes = new DeviceCodes();
    const code = codes.issue('ann');
    expect([codes.redeem(code.toUpperCase()), codes.redeem(code)]).toEqual(['ann', null]);
  });

  it('is good for ten minutes', () => {
    const time = clock();
    const codes = new DeviceCodes(time.now);
    const [ann, ben] = [codes.issue('ann'), codes.issue('ben')];
    time.pass(DEVICE_CODE_MS - 1);
    expect(codes.redeem(ann)).toBe('ann');
    time.pass(1);
    expect(codes.redeem(ben)).toBeNull();
  });

  it('is no more of use once its owner has another, or has withdrawn it', () => {
    const codes = new DeviceCodes();
    const [first, other, second] = [codes.issue('ann'), codes.issue('ben'), codes.issue('ann')];
    expect([codes.redeem(first), codes.redeem(other), codes.redeem(second)]).toEqual([null, 'ben', 'ann']);
    const third = codes.issue('ann');
    codes.withdraw('ann');
    expect(codes.redeem(third)).toBeNull();
  });

  it('is of no less use once others have been given theirs, or used them, or let them grow old', () => {
    const time = clock();
    const codes = new DeviceCodes(time.now);
    const [old, used] = [codes.issue('ann'), codes.issue('ben')];
    time.pass(DEVICE_CODE_MS / 2);
    expect(codes.redeem(used)).toBe('ben');
    const [again, eve] = [codes.issue('ben'), codes.issue('eve')];
    time.pass(DEVICE_CODE_MS / 2);
    const anew = codes.issue('ann');
    expect([old, used, again, eve, anew].map((code) => codes.redeem(code))).toEqual([
      null,
      null,
      'ben',
      'eve',
      'ann',
    ]);
  });
});

describe('guessing', () => {
  it('is stopped at one address after a while, also where the answer is right, and at no other', () => {
    const guesses = new Guesses();
    const outcomes = Array.from({ length: 40 }, () => guesses.try('192.0.2.1', () => null).outcome);
    expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(30);
    expect(guesses.try('192.0.2.1', () => 'right').outcome).toBe('too-many');
    expect(guesses.try('192.0.2.2', () => 'right')).toEqual({ outcome: 'right', value: 'right' });
  });

  it('costs nothing where the answer is right, for a whole class behind one address', () => {
    const guesses = new Guesses();
    const outcomes = Array.from({ length: 200 }, () => guesses.try('192.0.2.1', () => 'right').outcome);
    expect(new Set(outcomes)).toEqual(new Set(['right']));
  });
});

describe('a budget', () => {
  it('comes back with time, and never above what it was', () => {
    const time = clock();
    const budget = new Budget({ burst: 10, perSecond: 2 }, time.now);
    expect([budget.take('ann', 10), budget.take('ann')]).toEqual([true, false]);
    time.pass(1500);
    expect([budget.take('ann', 3), budget.take('ann'), budget.take('ben', 10)]).toEqual([true, false, true]);
    time.pass(60_000);
    expect([budget.has('ann', 10), budget.has('ann', 11)]).toEqual([true, false]);
  });

  it('says how long to wait for what was taken beyond it', () => {
    const time = clock();
    const budget = new Budget({ burst: 10, perSecond: 2 }, time.now);
    expect([budget.owe('ann', 4), budget.owe('ann', 10), budget.owe('ann', 2)]).toEqual([0, 2000, 3000]);
    time.pass(3000);
    expect(budget.owe('ann', 0)).toBe(0);
  });

  it('keeps no more names than it has room for', () => {
    const budget = new Budget({ burst: 1, perSecond: 1e-9 });
    for (let each = 0; each < 10_001; each++) budget.take(`address ${each}`);
    expect([budget.has('address 0'), budget.has('address 1')]).toEqual([true, false]);
  });
});
