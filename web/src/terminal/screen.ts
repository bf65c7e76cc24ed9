import { FitAddon } from '@xterm/addon-fit';
import { Terminal, type ITheme } from '@xterm/xterm';
import type { Screen } from './terminal-link.ts';

/** What an open screen tells of its user. */
export type ScreenEvents = {
  text: (text: string) => void;
  binary: (bytes: string) => void;
  resize: (columns: number, rows: number) => void;
  /** The user wants the keyboard out of the terminal. */
  leave: () => void;
};

/** An xterm in an element of the page, as large as that element. */
export class XtermScreen implements Screen {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #element: HTMLElement;
  readonly #observer: ResizeObserver;
  #frame = 0;

  constructor(element: HTMLElement, events: ScreenEvents) {
    this.#element = element;
    this.#terminal = new Terminal({
      fontFamily: property(element, '--font-mono'),
      fontSize: 13,
      lineHeight: 1.25,
      scrollback: 10_000,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      // The palette is for programs that expect a dark screen; on a light one some of it would not be legible.
      minimumContrastRatio: 4.5,
      theme: themeOf(element),
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.open(element);
    this.#terminal.onData(events.text);
    this.#terminal.onBinary(events.binary);
    this.#terminal.onResize(({ cols, rows }) => events.resize(cols, rows));
    this.#terminal.attachCustomKeyEventHandler((event) => this.#isForShell(event, events));
    this.#observer = new ResizeObserver(() => this.#fitSoon());
    this.#observer.observe(element);
    this.#fit.fit();
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  write(data: Uint8Array | string, drawn?: () => void): void {
    this.#terminal.write(data, drawn);
  }

  focus(): void {
    this.#terminal.focus();
  }

  /** Keys are only taken while they can be sent. */
  setLive(live: boolean): void {
    this.#terminal.options.disableStdin = !live;
  }

  /** Have the output where a screen reader finds it. */
  setScreenReader(on: boolean): void {
    this.#terminal.options.screenReaderMode = on;
  }

  /** Name the terminal for those who do not see it. */
  label(text: string): void {
    this.#terminal.textarea?.setAttribute('aria-label', text);
  }

  /** Take the page's colours again, after its theme has changed. */
  repaint(): void {
    this.#terminal.options.theme = themeOf(this.#element);
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    this.#observer.disconnect();
    this.#terminal.dispose();
  }

  /** While the divider is dragged, sizes change faster than frames. */
  #fitSoon(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      // A terminal that is not laid out has no size to tell.
      if (this.#element.clientWidth > 0 && this.#element.clientHeight > 0) this.#fit.fit();
    });
  }

  #isForShell(event: KeyboardEvent, events: ScreenEvents): boolean {
    // Tab belongs to the shell, so the keyboard needs another way out.
    if (event.key === 'F6' && (event.ctrlKey || event.altKey)) {
      if (event.type === 'keydown') {
        event.preventDefault();
        events.leave();
      }
      return false;
    }
    const copies =
      (event.ctrlKey && event.shiftKey && event.code === 'KeyC') || (event.ctrlKey && event.key === 'Insert');
    if (copies && this.#terminal.hasSelection()) {
      // Otherwise the browser opens its developer tools.
      event.preventDefault();
      if (event.type === 'keydown') document.execCommand('copy');
      return false;
    }
    return true;
  }
}

/** xterm's names for the sixteen colours, and the style sheet's. */
const COLOURS = [
  ['black', 'black'],
  ['red', 'red'],
  ['green', 'green'],
  ['yellow', 'yellow'],
  ['blue', 'blue'],
  ['magenta', 'magenta'],
  ['cyan', 'cyan'],
  ['white', 'white'],
  ['brightBlack', 'bright-black'],
  ['brightRed', 'bright-red'],
  ['brightGreen', 'bright-green'],
  ['brightYellow', 'bright-yellow'],
  ['brightBlue', 'bright-blue'],
  ['brightMagenta', 'bright-magenta'],
  ['brightCyan', 'bright-cyan'],
  ['brightWhite', 'bright-white'],
] as const;

/** The theme is written once, in the style sheet. */
function themeOf(element: HTMLElement): ITheme {
  const theme: ITheme = {
    background: property(element, '--term-background'),
    foreground: property(element, '--term-foreground'),
    cursor: property(element, '--term-cursor'),
    cursorAccent: property(element, '--term-background'),
    selectionBackground: property(element, '--term-selection'),
    scrollbarSliderBackground: property(element, '--term-slider'),
    scrollbarSliderHoverBackground: property(element, '--term-slider'),
    scrollbarSliderActiveBackground: property(element, '--term-selection'),
  };
  for (const [name, variable] of COLOURS) theme[name] = property(element, `--term-${variable}`);
  return theme;
}

const property = (element: HTMLElement, name: string): string =>
  getComputedStyle(element).getPropertyValue(name).trim();
