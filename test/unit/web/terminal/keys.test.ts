import { describe, expect, it } from 'vitest';
import { keyAction, platformOf, type KeyPlace } from '../../../../web/src/terminal/keys.ts';

/** A key by its usual notation: Ctrl+Shift+C. */
function press(keys: string, place: Partial<KeyPlace> = {}) {
  const parts = keys.split('+');
  const key = parts.pop() ?? '';
  const event = {
    key: key.length > 1 || parts.includes('Shift') ? key : key.toLowerCase(),
    code: key.length > 1 ? key : `Key${key}`,
    ctrlKey: parts.includes('Ctrl'),
    shiftKey: parts.includes('Shift'),
    altKey: parts.includes('Alt'),
    metaKey: parts.includes('Meta'),
  };
  return keyAction(event, { platform: 'other', selected: false, fullScreen: false, ...place });
}

describe('a key in a terminal', () => {
  it.each([
    ['other', 'Ctrl+C', true, 'copy'],
    ['other', 'Ctrl+C', false, 'shell'],
    ['windows', 'Ctrl+C', true, 'copy'],
    ['mac', 'Ctrl+C', true, 'shell'],
    ['mac', 'Meta+C', true, 'copy'],
    ['other', 'Meta+C', true, 'shell'],
    ['other', 'Ctrl+Alt+C', true, 'shell'],
    ['other', 'Ctrl+Shift+C', true, 'copy'],
    ['other', 'Ctrl+Shift+C', false, 'nothing'],
    ['other', 'Ctrl+Insert', true, 'copy'],
    ['other', 'Ctrl+Insert', false, 'nothing'],
  ] as const)('copies on %s by %s (selection: %s): %s', (platform, keys, selected, action) => {
    expect(press(keys, { platform, selected })).toBe(action);
  });

  it.each([
    ['other', 'Ctrl+V', 'shell'],
    ['windows', 'Ctrl+V', 'paste'],
    ['other', 'Ctrl+Shift+V', 'paste'],
    ['mac', 'Ctrl+V', 'shell'],
    ['mac', 'Meta+V', 'paste'],
    ['other', 'Shift+Insert', 'paste'],
    ['other', 'V', 'shell'],
  ] as const)('pastes on %s by %s: %s', (platform, keys, action) => {
    expect(press(keys, { platform })).toBe(action);
  });

  it('searches, but not where an editor or a pager pages by that key', () => {
    expect(press('Ctrl+F')).toBe('search');
    expect(press('Ctrl+F', { fullScreen: true })).toBe('shell');
    expect(press('Ctrl+F', { platform: 'mac' })).toBe('shell');
    expect(press('Meta+F', { platform: 'mac', fullScreen: true })).toBe('search');
  });

  it('gets the keyboard out of the terminal', () => {
    expect([press('Ctrl+F6'), press('Alt+F6'), press('F6')]).toEqual(['leave', 'leave', 'shell']);
  });

  it('is known by its place where the layout has no Latin letters', () => {
    const event = { key: 'с', code: 'KeyC', ctrlKey: true, shiftKey: false, altKey: false, metaKey: false };
    expect(keyAction(event, { platform: 'other', selected: true, fullScreen: false })).toBe('copy');
  });

  it('is known by its letter where that is elsewhere', () => {
    const event = { key: 'c', code: 'KeyI', ctrlKey: true, shiftKey: false, altKey: false, metaKey: false };
    expect(keyAction(event, { platform: 'other', selected: true, fullScreen: false })).toBe('copy');
  });
});

it.each([
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15', 'mac'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36', 'windows'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'other'],
])('the habits of %s are those of %s', (userAgent, platform) => {
  expect(platformOf(userAgent)).toBe(platform);
});
