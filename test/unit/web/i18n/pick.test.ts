import { describe, expect, it } from 'vitest';
import { dictionaries, pick, problemText } from '../../../../web/src/i18n/pick.ts';

/** The paths of every text in a dictionary. */
const paths = (value: unknown, at = ''): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, each]) => paths(each, `${at}/${key}`))
    : [at];

describe('the languages', () => {
  it('say the same things', () => {
    expect(paths(dictionaries['zh-CN'])).toEqual(paths(dictionaries.en));
  });

  it('give a text in the language asked for', () => {
    expect(pick({ en: 'Hosts', 'zh-CN': '主机' }, 'zh-CN')).toEqual({ text: '主机', lang: 'zh-CN' });
  });

  it('fall back to a language that the text has, and say which', () => {
    expect(pick({ en: 'Hosts' }, 'zh-CN')).toEqual({ text: 'Hosts', lang: 'en' });
    expect(pick({ 'zh-CN': '主机' }, 'en')).toEqual({ text: '主机', lang: 'zh-CN' });
  });

  it('tell a problem in words', () => {
    expect(problemText({ error: 'unexpected', status: 502 }, 'zh-CN')).toContain('502');
    expect(problemText({ error: 'step_locked', message: { en: 'Locked.' } }, 'zh-CN')).toBe('Locked.');
  });
});
