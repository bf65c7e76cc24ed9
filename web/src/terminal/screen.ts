import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import { keyAction, platformOf } from './keys.ts';
import { property, themeOf } from './palette.ts';
import { pasteable } from './paste.ts';
import { FOCUS_REPORTS, muteAnswers } from './queries.ts';
import { drawByWebgl } from './renderer.ts';
import type { Screen } from './terminal-link.ts';
import { webAddress } from './web-address.ts';

/** What an open screen tells of its user, and of what it was given to draw. */
export type ScreenEvents = {
  text: (text: string) => void;
  binary: (bytes: string) => void;
  resize: (columns: number, rows: number) => void;
  /** The user wants the keyboard out of the terminal. */
  leave: () => void;
  /** The user wants to look for a text in the terminal. */
  search: () => void;
  /** The user has clicked a link to this address, of http or https. */
  link: (address: string) => void;
  bell: () => void;
  /** How many places were found, and which of them is shown, from 0; -1 where that is not known. */
  found: (places: { shown: number; all: number }) => void;
};

/** Which place is looked for next; `here` is the one that is shown, where the text that is looked for has grown. */
export type SearchWay = 'next' | 'previous' | 'here';

/** An xterm in an element of the page, as large as that element. */
export class XtermScreen implements Screen {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon();
  readonly #element: HTMLElement;
  readonly #observer: ResizeObserver;
  readonly #events: ScreenEvents;
  readonly #platform = platformOf(navigator.userAgent);
  readonly #gone = new AbortController();
  /** Of each piece that is not yet drawn, whether it is old; the first is being drawn. */
  readonly #ages: boolean[] = [];
  #frame = 0;

  constructor(element: HTMLElement, fontSize: number, events: ScreenEvents) {
    this.#element = element;
    this.#events = events;
    const openLink = (_event: MouseEvent, link: string): void => {
      const address = webAddress(link);
      if (address !== null) events.link(address);
    };
    this.#terminal = new Terminal({
      // For the widths of characters and for marks in what is found.
      allowProposedApi: true,
      fontFamily: property(element, '--font-mono'),
      fontSize,
      lineHeight: 1.25,
      scrollback: 10_000,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      // The palette is for programs that expect a dark screen; on a light one some of it would not be legible.
      minimumContrastRatio: 4.5,
      theme: themeOf(element),
      linkHandler: { activate: openLink },
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.loadAddon(this.#search);
    this.#terminal.loadAddon(new WebLinksAddon(openLink));
    // As the programs on the hosts count columns: by characters, an emoji being two wide.
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.unicode.activeVersion = '11';
    muteAnswers(this.#terminal, () => this.#drawsOld);
    this.#terminal.open(element);
    this.#terminal.onData((text) => {
      if (!this.#drawsOld || !FOCUS_REPORTS.has(text)) events.text(text);
    });
    this.#terminal.onBinary(events.binary);
    this.#terminal.onBell(() => {
      if (!this.#drawsOld) events.bell();
    });
    this.#terminal.onResize(({ cols, rows }) => events.resize(cols, rows));
    this.#search.onDidChangeResults(({ resultIndex, resultCount }) =>
      events.found({ shown: resultIndex, all: resultCount }),
    );
    this.#terminal.attachCustomKeyEventHandler((event) => this.#isForShell(event));
    element.addEventListener('paste', (event) => this.#paste(event), {
      capture: true,
      signal: this.#gone.signal,
    });
    this.#observer = new ResizeObserver(() => this.#fitSoon());
    this.#observer.observe(element);
    this.#fit.fit();
    void drawByWebgl(this.#terminal, () => this.#gone.signal.aborted);
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  write(data: Uint8Array | string, { old = false, drawn }: Parameters<Screen['write']>[1] = {}): void {
    this.#ages.push(old);
    this.#terminal.write(data, () => {
      this.#ages.shift();
      drawn?.();
    });
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

  /** Pixels. */
  setFontSize(size: number): void {
    if (this.#terminal.options.fontSize === size) return;
    this.#terminal.options.fontSize = size;
    this.#fitSoon();
  }

  /** Name the terminal for those who do not see it. */
  label(text: string): void {
    this.#terminal.textarea?.setAttribute('aria-label', text);
  }

  /** Take the page's colours again, after its theme has changed. */
  repaint(): void {
    this.#terminal.options.theme = themeOf(this.#element);
  }

  /** Show the next place that has this text, whatever its case. */
  find(text: string, way: SearchWay): void {
    const decorations = {
      matchBackground: property(this.#element, '--term-found'),
      matchOverviewRuler: property(this.#element, '--term-found'),
      activeMatchBackground: property(this.#element, '--term-shown'),
      activeMatchColorOverviewRuler: property(this.#element, '--term-shown'),
    };
    if (way === 'previous') this.#search.findPrevious(text, { decorations });
    else this.#search.findNext(text, { decorations, incremental: way === 'here' });
  }

  /** Take the marks of what was found away. */
  endSearch(): void {
    this.#search.clearDecorations();
  }

  dispose(): void {
    this.#gone.abort();
    cancelAnimationFrame(this.#frame);
    this.#observer.disconnect();
    this.#terminal.dispose();
  }

  /** Whether what is drawn right now is old. */
  get #drawsOld(): boolean {
    return this.#ages[0] === true;
  }

  /** While the divider is dragged, sizes change faster than frames. */
  #fitSoon(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      // A terminal that is not laid out has no size to tell.
      if (this.#element.clientWidth > 0 && this.#element.clientHeight > 0) this.#fit.fit();
    });
  }

  #isForShell(event: KeyboardEvent): boolean {
    const action = keyAction(event, {
      platform: this.#platform,
      selected: this.#terminal.hasSelection(),
      fullScreen: this.#terminal.buffer.active.type === 'alternate',
    });
    if (action === 'shell') return true;
    // The browser pastes by itself, by which the page is given the text.
    if (action === 'paste') return false;
    event.preventDefault();
    if (event.type !== 'keydown') return false;
    if (action === 'leave') this.#events.leave();
    if (action === 'search') this.#events.search();
    if (action === 'copy') {
      // Not by the clipboard API, which there is none of over plain HTTP.
      document.execCommand('copy');
      // So that the next Ctrl-C is the shell's again.
      this.#terminal.clearSelection();
    }
    return false;
  }

  #paste(event: ClipboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (text !== '') this.#terminal.paste(pasteable(text));
  }
}
