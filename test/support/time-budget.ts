import type { Reporter, TestModule } from 'vitest/node';

/** Minutes that each project's tests may take on two cores without hardware virtualisation; set-up comes on top. */
export const BUDGETS: Readonly<Record<string, number>> = {
  unit: 1,
  integration: 1.5,
  page: 2.5,
  engine: 10.5,
  e2e: 6.5,
  full: 13.5,
  release: 38,
};

/** From the first test of a project to the last, in milliseconds of any clock. */
export type Span = { from: number; to: number };

/** A line for each project: what it took of what it may take. Machines differ, so none of them fails a run. */
export function describeBudgets(spans: ReadonlyMap<string, Span>): string {
  const lines = [...spans].map(([name, { from, to }]) => {
    const minutes = (to - from) / 60_000;
    const budget = BUDGETS[name];
    const of = budget === undefined ? '' : ` of ${budget} min${minutes > budget ? ', over its budget' : ''}`;
    return `${name.padEnd(12)} ${minutes.toFixed(1).padStart(5)} min${of}`;
  });
  return lines.join('\n');
}

/** Ends a run with how much of its time each suite has taken. */
export default class TimeBudget implements Reporter {
  readonly #spans = new Map<string, Span>();

  onTestModuleStart({ project: { name } }: TestModule): void {
    const now = performance.now();
    if (!this.#spans.has(name)) this.#spans.set(name, { from: now, to: now });
  }

  onTestModuleEnd({ project: { name } }: TestModule): void {
    const span = this.#spans.get(name);
    if (span) span.to = performance.now();
  }

  onTestRunEnd(): void {
    process.stdout.write(`\n${describeBudgets(this.#spans)}\n`);
  }
}
