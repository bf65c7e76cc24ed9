import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Locale } from '../../../server/protocol/index.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
/** What the learner chose; `system` follows the machine. */
export type Theme = (typeof THEMES)[number];

export const LAYOUTS = ['tabs', 'stacked', 'side-by-side'] as const;
/** How the terminals share their half of the page. */
export type Layout = (typeof LAYOUTS)[number];

/** The text's share of the page's width, in percent: what the divider may be dragged to. */
export const SPLIT = { least: 25, most: 70, usual: 42 } as const;

/** The first terminal's share where two are seen at once, in percent. */
export const TERMINAL_SPLIT = { least: 15, most: 85, usual: 50 } as const;

/** The size of the terminals' type, in pixels. */
export const FONT_SIZE = { least: 9, most: 24, usual: 13 } as const;

/** What preferences need of a browser; tests give plain objects. */
export type PreferenceSources = {
  storage: Pick<Storage, 'getItem' | 'setItem'>;
  /** The browser's languages, best first. */
  languages: readonly string[];
  /** Whether the machine prefers dark, now and later. */
  systemDark: ReadonlySignal<boolean>;
};

/** What a learner likes: kept in the browser, the same for every lab. */
export class Preferences {
  readonly #storage: PreferenceSources['storage'];
  readonly #locale;
  readonly #theme;
  readonly #layout;
  readonly #split;
  readonly #terminalSplit;
  readonly #screenReader;
  readonly #fontSize;
  /** The theme to paint, with `system` resolved. */
  readonly painted: ReadonlySignal<'light' | 'dark'>;

  constructor({ storage, languages, systemDark }: PreferenceSources) {
    this.#storage = storage;
    const language = this.#read('language');
    this.#locale = signal<Locale>(isLocale(language) ? language : preferredLocale(languages));
    this.#theme = signal<Theme>(oneOf(THEMES, this.#read('theme')) ?? 'system');
    this.#layout = signal<Layout>(oneOf(LAYOUTS, this.#read('layout')) ?? 'tabs');
    this.#split = signal(within(SPLIT, Number(this.#read('split') ?? SPLIT.usual)));
    this.#terminalSplit = signal(
      within(TERMINAL_SPLIT, Number(this.#read('terminal-split') ?? TERMINAL_SPLIT.usual)),
    );
    this.#screenReader = signal(this.#read('screen-reader') === 'on');
    this.#fontSize = signal(within(FONT_SIZE, Number(this.#read('font-size') ?? FONT_SIZE.usual)));
    this.painted = computed(() => {
      if (this.#theme.value !== 'system') return this.#theme.value;
      return systemDark.value ? 'dark' : 'light';
    });
  }

  get locale(): ReadonlySignal<Locale> {
    return this.#locale;
  }

  get theme(): ReadonlySignal<Theme> {
    return this.#theme;
  }

  get layout(): ReadonlySignal<Layout> {
    return this.#layout;
  }

  /** Percent; see SPLIT. */
  get split(): ReadonlySignal<number> {
    return this.#split;
  }

  /** Percent; see TERMINAL_SPLIT. */
  get terminalSplit(): ReadonlySignal<number> {
    return this.#terminalSplit;
  }

  /** Whether the terminals are to be read by a screen reader, which costs them speed. */
  get screenReader(): ReadonlySignal<boolean> {
    return this.#screenReader;
  }

  /** Pixels; see FONT_SIZE. */
  get fontSize(): ReadonlySignal<number> {
    return this.#fontSize;
  }

  setLocale(locale: Locale): void {
    this.#locale.value = locale;
    this.#write('language', locale);
  }

  setTheme(theme: Theme): void {
    this.#theme.value = theme;
    this.#write('theme', theme);
  }

  setLayout(layout: Layout): void {
    this.#layout.value = layout;
    this.#write('layout', layout);
  }

  setSplit(percent: number): void {
    this.#split.value = within(SPLIT, percent);
    this.#write('split', String(this.#split.value));
  }

  setTerminalSplit(percent: number): void {
    this.#terminalSplit.value = within(TERMINAL_SPLIT, percent);
    this.#write('terminal-split', String(this.#terminalSplit.value));
  }

  setScreenReader(on: boolean): void {
    this.#screenReader.value = on;
    this.#write('screen-reader', on ? 'on' : 'off');
  }

  setFontSize(pixels: number): void {
    this.#fontSize.value = within(FONT_SIZE, pixels);
    this.#write('font-size', String(this.#fontSize.value));
  }

  #read(name: string): string | null {
    try {
      return this.#storage.getItem(`drydock.${name}`);
    } catch {
      // Storage may be forbidden; the page then starts from its defaults.
      return null;
    }
  }

  #write(name: string, value: string): void {
    try {
      this.#storage.setItem(`drydock.${name}`, value);
    } catch {
      // The choice still holds for as long as the page is open.
    }
  }
}

/** The language to start in: the first of the browser's that Drydock speaks, otherwise English. */
export function preferredLocale(languages: readonly string[]): Locale {
  for (const language of languages) {
    const primary = language.toLowerCase().split('-')[0];
    if (primary === 'zh') return 'zh-CN';
    if (primary === 'en') return 'en';
  }
  return 'en';
}

const isLocale = (value: string | null): value is Locale => value === 'en' || value === 'zh-CN';

const oneOf = <T extends string>(values: readonly T[], value: string | null): T | undefined =>
  values.find((each) => each === value);

type Bounds = Readonly<Record<'least' | 'most' | 'usual', number>>;

const within = ({ least, most, usual }: Bounds, value: number): number =>
  Number.isFinite(value) ? Math.min(most, Math.max(least, Math.round(value))) : usual;
