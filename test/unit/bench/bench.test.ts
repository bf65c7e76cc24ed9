import { expect, test } from 'vitest';
import { Bench } from '../../bench/bench.ts';
import { measured } from '../../bench/row.ts';

const row = (name: string) => measured(name, 'ms', [1], 2);
const never = new Promise<never>(() => undefined);

function bench(...chosen: string[]) {
  const said: string[] = [];
  const kept: number[] = [];
  const run = new Bench({
    chosen,
    say: (text) => said.push(text),
    onRows: async ({ length }) => void kept.push(length),
  });
  return { run, said, kept };
}

test('a part that does not end fails by its name and ends its group, and the next group goes on', async () => {
  const { run, said } = bench('links', 'labs');
  await run.group('links', async ({ measure }) => {
    await measure('near', 1000, async () => [row('a near link')]);
    await measure('far', 20, () => never);
    await measure('further', 1000, async () => [row('a further link')]);
  });
  await run.group('labs', ({ measure }) => measure('start', 1000, async () => [row('a start')]));
  expect(run.rows.map(({ name }) => name)).toEqual(['a near link', 'a start']);
  expect(run.failures.map(({ message }) => message)).toEqual([
    'links:far was not measured. It did not end within 0.02 seconds.',
  ]);
  expect(said).toEqual([
    '  a near link: 1 ms (at most 2: met)',
    'links:far was not measured. It did not end within 0.02 seconds.',
    '  a start: 1 ms (at most 2: met)',
  ]);
});

test('what is asked for is measured alone, each row is kept when it is there, and what there is not is named', async () => {
  const { run, kept } = bench('links:far', 'links:none');
  await run.group('lint', async () => Promise.reject(new Error('It was not asked for.')));
  await run.group('links', async ({ measure, wants }) => {
    expect([wants('near'), wants('near', 'far')]).toEqual([false, true]);
    for (const part of ['near', 'far']) await measure(part, 1000, async () => [row(part)]);
  });
  expect(run.rows.map(({ name }) => name)).toEqual(['far']);
  expect(kept).toEqual([1]);
  expect(run.unmet).toEqual(['links:none']);
});
