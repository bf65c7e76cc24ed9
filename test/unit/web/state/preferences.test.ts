import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import {
  FONT_SIZE,
  preferredLocale,
  Preferences,
  TERMINAL_SPLIT,
} from '../../../../web/src/state/preferences.ts';

/** A browser's storage in a map. */
const storage = (entries: Record<string, string> = {}) => {
  const map = new Map(Object.entries(entries));
  return {
    getItem: (name: string) => map.get(name) ?? null,
    setItem: (name: string, value: string) => void map.set(name, value),
  };
};
const light = signal(false);
const refuse = () => {
  throw new Error('SecurityError');
};

describe('Preferences', () => {
  it.each([
    [['zh-TW', 'en'], 'zh-CN'],
    [['de-DE', 'zh'], 'zh-CN'],
    [['fr', 'en-GB'], 'en'],
    [['fr'], 'en'],
    [[], 'en'],
  ])('starts a browser that prefers %j in %s', (languages, locale) => {
    expect(preferredLocale(languages)).toBe(locale);
  });

  it("prefers the learner's choice over the browser's, also after a reload", () => {
    const kept = storage();
    const before = new Preferences({ storage: kept, languages: ['en'], systemDark: light });
    before.setLocale('zh-CN');
    expect(before.locale.value).toBe('zh-CN');
    const after = new Preferences({ storage: kept, languages: ['en'], systemDark: light });
    expect(after.locale.value).toBe('zh-CN');
  });

  it('keeps whether a screen reader reads the terminals, which it does not unless it is asked for', () => {
    const kept = storage();
    const before = new Preferences({ storage: kept, languages: [], systemDark: light });
    expect(before.screenReader.value).toBe(false);
    before.setScreenReader(true);
    const after = new Preferences({ storage: kept, languages: [], systemDark: light });
    expect(after.screenReader.value).toBe(true);
  });

  it('keeps the size of the terminals’ type within what can be read', () => {
    const kept = storage();
    const before = new Preferences({ storage: kept, languages: [], systemDark: light });
    expect(before.fontSize.value).toBe(FONT_SIZE.usual);
    before.setFontSize(16);
    const after = new Preferences({ storage: kept, languages: [], systemDark: light });
    expect(after.fontSize.value).toBe(16);
    after.setFontSize(1);
    expect(after.fontSize.value).toBe(FONT_SIZE.least);
    const odd = new Preferences({
      storage: storage({ 'drydock.font-size': 'large' }),
      languages: [],
      systemDark: light,
    });
    expect(odd.fontSize.value).toBe(FONT_SIZE.usual);
  });

  it('keeps how two terminals share their room', () => {
    const kept = storage();
    new Preferences({ storage: kept, languages: [], systemDark: light }).setTerminalSplit(99);
    const after = new Preferences({ storage: kept, languages: [], systemDark: light });
    expect(after.terminalSplit.value).toBe(TERMINAL_SPLIT.most);
  });

  it('follows the system until a theme is chosen', () => {
    const systemDark = signal(false);
    const preferences = new Preferences({ storage: storage(), languages: [], systemDark });
    expect(preferences.painted.value).toBe('light');
    systemDark.value = true;
    expect(preferences.painted.value).toBe('dark');
    preferences.setTheme('light');
    expect(preferences.painted.value).toBe('light');
  });

  it('keeps the divider where both halves can be used', () => {
    const preferences = new Preferences({ storage: storage(), languages: [], systemDark: light });
    preferences.setSplit(3);
    expect(preferences.split.value).toBe(25);
    preferences.setSplit(99);
    expect(preferences.split.value).toBe(70);
  });

  it('starts from its defaults where what was kept makes no sense', () => {
    const kept = storage({
      'drydock.theme': 'pink',
      'drydock.split': 'wide',
      'drydock.language': 'xx',
      'drydock.layout': '',
    });
    const preferences = new Preferences({ storage: kept, languages: ['zh'], systemDark: light });
    expect(preferences.theme.value).toBe('system');
    expect(preferences.split.value).toBe(42);
    expect(preferences.locale.value).toBe('zh-CN');
    expect(preferences.layout.value).toBe('tabs');
  });

  it('works where storage is forbidden', () => {
    const forbidden = { getItem: refuse, setItem: refuse };
    const preferences = new Preferences({ storage: forbidden, languages: ['en'], systemDark: light });
    preferences.setTheme('dark');
    expect(preferences.painted.value).toBe('dark');
  });
});
