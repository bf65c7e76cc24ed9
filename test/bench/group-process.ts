import { fork } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import { Row } from './row.ts';

const GROUP_MODULE = `${import.meta.dirname}/measure-group.ts`;

/** What the process of a group says: all its rows so far, and at its end what went wrong. */
const Said = z.union([
  z.strictObject({ rows: z.array(Row) }),
  z.strictObject({ problems: z.array(z.string()) }),
]);
export type Said = z.infer<typeof Said>;

/**
 * Measure a group in a process of its own: testcontainers keeps the first engine that a process has found, and no group
 * is to have another's leftovers in its figures.
 *
 * @param chosen the group, or parts of it as `group:part`
 * @param onRows told of all its rows so far whenever there are more
 * @returns what went wrong, in sentences
 */
export async function measureApart(
  name: string,
  chosen: readonly string[],
  onRows: (rows: readonly Row[]) => Promise<void>,
): Promise<readonly string[]> {
  const child = fork(GROUP_MODULE, [name, ...chosen], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let problems: readonly string[] = [`${name} ended before it was measured.`];
  let told: Promise<void> = Promise.resolve();
  child.on('message', (message) => {
    const said = Said.parse(message);
    if ('problems' in said) problems = said.problems;
    else told = told.then(() => onRows(said.rows));
  });
  await once(child, 'close');
  await told;
  return problems;
}
