/**
 * One that looks at a terminal: a browser or a test. Its methods must not throw. What it has
 * drawn it says by `Terminal.ack`, which it may call from within them.
 */
export interface Viewer {
  /** The next bytes; the first has number `from`. They follow on each other, whatever their sizes. */
  output(from: number, data: Uint8Array): void;
  /**
   * Detached because output it had not been given yet is no longer kept. It may attach again; `from` then
   * shows what is missing.
   */
  lagged(): void;
  /** Keys reach a shell from now on, or no more. */
  alive?(alive: boolean): void;
}
