import { expect, it } from 'vitest';
import { describeFailure } from '../../../server/cli/describe-failure.ts';
import { count, showBytes, showSpan } from '../../../server/cli/quantities.ts';
import { table } from '../../../server/cli/table.ts';
import { UserError } from '../../../server/engines/user-error.ts';

it.each([
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [1024, '1.0 KiB'],
  [1.44 * 2 ** 30, '1.4 GiB'],
  [24 * 2 ** 30, '24 GiB'],
])('%d bytes are shown as %s', (bytes, shown) => {
  expect(showBytes(bytes)).toBe(shown);
});

it('a span is shown in minutes and hours, and is never less than nothing', () => {
  expect([-5000, 59_000, 60_000, 125 * 60_000].map(showSpan)).toEqual([
    '0 min',
    '0 min',
    '1 min',
    '2 h 5 min',
  ]);
});

it('a number stands before its noun', () => {
  expect([0, 1, 2].map((number) => count(number, 'lab'))).toEqual(['0 labs', '1 lab', '2 labs']);
});

it('a table has columns as wide as their widest cells, and no spaces at the ends of its lines', () => {
  expect(
    table([
      ['ID', 'SCENARIO'],
      ['12345678', 'a'],
    ]),
  ).toBe('ID        SCENARIO\n12345678  a\n');
});

it('a failure that a person can mend is a sentence, and any other has its trace', () => {
  expect(describeFailure(new UserError('Do this.'))).toBe('Do this.');
  const refused = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', path: '/cache' });
  expect(describeFailure(refused)).toMatch(/^\/cache: You may not use it\./);
  expect(describeFailure(new TypeError('not a function'))).toMatch(/not a function\n\s+at /);
});
