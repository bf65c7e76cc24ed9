import type { ITheme } from '@xterm/xterm';

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

/** The colours of a terminal: the theme is written once, in the style sheet. */
export function themeOf(element: HTMLElement): ITheme {
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

/** What the style sheet says of an element. */
export const property = (element: HTMLElement, name: string): string =>
  getComputedStyle(element).getPropertyValue(name).trim();
