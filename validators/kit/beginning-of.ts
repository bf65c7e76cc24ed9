import type { Message } from './verdict.ts';

const LONGEST = 80;

/** How a text begins, on one line, for a reason that says what was seen of it. */
export function beginningOf(text: string): Message {
  const seen = text.trim().replace(/\s+/g, ' ').slice(0, LONGEST);
  return seen === ''
    ? { en: 'it is empty', 'zh-CN': '它是空的' }
    : { en: `it begins with “${seen}”`, 'zh-CN': `它的开头是 “${seen}”` };
}
