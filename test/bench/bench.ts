import { beforeAbort } from '../../server/engines/before-abort.ts';
import { sentence, type Row } from './row.ts';

/** Rows that are measured together. Each part can be asked for by itself, as `group:part`. */
export interface Group {
  readonly say: (text: string) => void;
  /** Whether one of these parts is asked for: what they share need not be there otherwise. */
  readonly wants: (...parts: readonly string[]) => boolean;
  /** Measure a part, where it is asked for. Rejects, with its name, where it fails or takes longer than it may. */
  readonly measure: (part: string, limitMs: number, work: () => Promise<readonly Row[]>) => Promise<void>;
}

export type BenchOptions = {
  /** Groups, or parts as `group:part`. */
  chosen: readonly string[];
  say: (text: string) => void;
  /** Told of all rows so far whenever there are more. */
  onRows: (rows: readonly Row[]) => Promise<void>;
};

/** What is measured in one run: what fails ends its own group, and the others go on. */
export class Bench {
  readonly rows: Row[] = [];
  readonly failures: Error[] = [];
  readonly #options: BenchOptions;
  readonly #unmet: Set<string>;

  constructor(options: BenchOptions) {
    this.#options = options;
    this.#unmet = new Set(options.chosen);
  }

  /** What was asked for and has not been there so far. */
  get unmet(): readonly string[] {
    return [...this.#unmet];
  }

  async group(name: string, measureAll: (group: Group) => Promise<void>): Promise<void> {
    const { chosen, say } = this.#options;
    if (!chosen.some((each) => each === name || each.startsWith(`${name}:`))) return;
    this.#unmet.delete(name);
    const wants = (part: string): boolean => {
      this.#unmet.delete(`${name}:${part}`);
      return chosen.includes(name) || chosen.includes(`${name}:${part}`);
    };
    try {
      await measureAll({
        say,
        wants: (...parts) => parts.some(wants),
        measure: async (part, limitMs, work) => {
          if (wants(part)) await this.#take(part, limitMs, work);
        },
      });
    } catch (error) {
      const failure = new Error(`${name}:${messageOf(error)}`, { cause: error });
      this.failures.push(failure);
      say(failure.message);
    }
  }

  async #take(part: string, limitMs: number, work: () => Promise<readonly Row[]>): Promise<void> {
    const late = new AbortController();
    const reason = new Error(`It did not end within ${limitMs / 1000} seconds.`);
    const timer = setTimeout(() => late.abort(reason), limitMs);
    try {
      const rows = await beforeAbort(late.signal, work());
      for (const row of rows) this.#options.say(`  ${sentence(row)}`);
      this.rows.push(...rows);
    } catch (error) {
      throw new Error(`${part} was not measured. ${messageOf(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
    await this.#options.onRows(this.rows);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
