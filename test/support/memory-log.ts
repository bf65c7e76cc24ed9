import { Signal } from './signal.ts';

/** Where a logger under test writes: `pino({ level: 'debug' }, new MemoryLog())`. */
export class MemoryLog {
  readonly lines: string[] = [];
  readonly #changed = new Signal();

  write(line: string): void {
    this.lines.push(line);
    this.#changed.notify();
  }

  get text(): string {
    return this.lines.join('');
  }

  /** What was logged at level info, each line as its message and what goes with it. */
  get news(): Record<string, unknown>[] {
    return this.lines
      .map((line): Record<string, unknown> => JSON.parse(line))
      .filter(({ level }) => level === 30);
  }

  /** Lines of level error and above. */
  get errors(): string[] {
    return this.lines.filter((line) => /"level":[56]0/.test(line));
  }

  /** Resolves once something that was logged contains `text`. */
  until(text: string): Promise<void> {
    return this.#changed.until(() => this.text.includes(text));
  }
}
