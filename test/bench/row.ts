import { z } from 'zod';

/** One figure. Where there is something to compare with, the ratio is what to trust: machines differ. */
export const Row = z.strictObject({
  name: z.string(),
  unit: z.string(),
  /** The median of `rounds`. */
  ours: z.number(),
  reference: z.number().nullable(),
  /** `ours` over `reference`. */
  ratio: z.number().nullable(),
  /** What is aimed at, in the row's unit, or as a ratio where there is a reference. */
  target: z.number().nullable(),
  met: z.boolean().nullable(),
  /** Every round, in the order in which it was measured. */
  rounds: z.array(z.number()).readonly(),
});
export type Row = z.infer<typeof Row>;

/** A row of what was measured, with nothing to compare it with; met when the median is at most `target`. */
export function measured(name: string, unit: string, rounds: readonly number[], target: number | null): Row {
  const ours = median(rounds);
  return {
    name,
    unit,
    ours,
    reference: null,
    ratio: null,
    target,
    met: target === null ? null : ours <= target,
    rounds,
  };
}

/** A row of what was measured in turns with something else; met when the medians' ratio is at most `target`. */
export function compared(
  name: string,
  unit: string,
  rounds: readonly number[],
  others: readonly number[],
  target: number | null,
): Row {
  const ours = median(rounds);
  const reference = median(others);
  const ratio = ours / reference;
  return {
    name,
    unit,
    ours,
    reference,
    ratio,
    target,
    met: target === null ? null : ratio <= target,
    rounds,
  };
}

/** The smallest value that so many of a hundred do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('There is no percentile of nothing.');
  return value;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  if (upper === undefined) throw new RangeError('There is no median of nothing.');
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? upper) + upper) / 2 : upper;
}

const figure = (value: number | null) => (value === null ? '–' : String(Math.round(value * 100) / 100));

/** A row as it is told when it has been measured. */
export function sentence({ name, unit, ours, reference, ratio, target, met }: Row): string {
  const of = reference === null ? '' : `, of ${figure(reference)}: ${figure(ratio)}`;
  const aim = target === null ? '' : ` (at most ${figure(target)}: ${met === true ? 'met' : 'missed'})`;
  return `${name}: ${figure(ours)}${unit === '' ? '' : ` ${unit}`}${of}${aim}`;
}

/** The rows as a table in markdown, columns aligned for a terminal. */
export function table(rows: readonly Row[]): string {
  const verdict = (met: boolean | null) => (met === null ? '–' : met ? 'yes' : 'no');
  const header = ['what', 'unit', 'ours', 'reference', 'ratio', 'target', 'met', 'rounds'];
  const cells = rows.map((row) => [
    row.name,
    row.unit,
    ...[row.ours, row.reference, row.ratio, row.target].map(figure),
    verdict(row.met),
    String(row.rounds.length),
  ]);
  const widths = header.map((_, column) =>
    Math.max(...[header, ...cells].map((line) => line[column]?.length ?? 0)),
  );
  const line = (texts: readonly string[]) =>
    `| ${texts.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('\n');
}
