import type { Locale, LocalizedText } from '../../../server/protocol/index.ts';
import type { Problem } from '../state/problem.ts';
import { en, type Dictionary } from './en.ts';
import { zhCn } from './zh-cn.ts';

/** The page's own words by language. */
export const dictionaries: Readonly<Record<Locale, Dictionary>> = { en, 'zh-CN': zhCn };

/** A text in the language asked for or, where it lacks that, in one that it has; and which it is. */
export function pick(text: LocalizedText, locale: Locale): { text: string; lang: Locale } {
  const wanted = text[locale];
  if (wanted !== undefined) return { text: wanted, lang: locale };
  if (text.en !== undefined) return { text: text.en, lang: 'en' };
  const chinese = text['zh-CN'];
  return chinese === undefined ? { text: '', lang: locale } : { text: chinese, lang: 'zh-CN' };
}

/** One sentence for a problem, saying what to do next. */
export function problemText(problem: Problem, locale: Locale): string {
  const words = dictionaries[locale].problems;
  if (problem.error === 'unreachable') return words.unreachable;
  if (problem.error === 'unexpected') return words.unexpected(problem.status);
  return pick(problem.message, locale).text;
}
