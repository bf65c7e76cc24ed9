import type { Screen } from './terminal-link.ts';

/** A screen that is not there yet: what is written to it waits for the one that takes its place. */
export class LateScreen implements Screen {
  #waiting: Parameters<Screen['write']>[] = [];
  #screen: Screen | null = null;

  write(...piece: Parameters<Screen['write']>): void {
    if (this.#screen === null) this.#waiting.push(piece);
    else this.#screen.write(...piece);
  }

  become(screen: Screen): void {
    this.#screen = screen;
    for (const piece of this.#waiting) screen.write(...piece);
    this.#waiting = [];
  }
}
