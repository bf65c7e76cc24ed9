import type { LocalizedText } from '../protocol/index.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * What a program may leave behind when its shell is killed under it: a half escape sequence (CAN), mouse
 * reports, the alternate screen, and modes that DECSTR takes back, such as a hidden cursor.
 */
const RESET = '\u0018\u001b[?1000;1047l\u001b[!p';

/** A dim line of its own; below it the screen is empty. In both languages, for the log has viewers of either. */
const line = (en: string, zh: string, between = ' '): Uint8Array =>
  encode(`${RESET}\r\n\u001b[J\u001b[2m${en}${between}${zh}\u001b[0m\r\n`);

/** What a terminal prints when its shell has ended; null where the exit code is not known. */
export function shellEnded(code: number | null): Uint8Array {
  const shown = code === null ? '' : ` (${code})`;
  return line(`Shell ended${shown}. Press Enter for a new one.`, `Shell 已退出，按 Enter 重新打开。`);
}

/** What a terminal prints when its shell has ended because it was not, or no more, connected. */
export const shellCutOff = (why: LocalizedText): Uint8Array => line(why.en ?? '', why['zh-CN'] ?? '', '\r\n');

/** What a terminal prints when its host gives no new shell. */
export const NO_SHELL = line(
  'Cannot open a shell. Press Enter to try again.',
  '无法打开 shell，按 Enter 重试。',
);

/**
 * Stands for output that is no more to be had. The shell and what runs on it are alive: nothing is reset, but for a
 * half escape sequence.
 */
export const outputMissing = (bytes: number): Uint8Array =>
  encode(
    `\u0018\r\n\u001b[2m${bytes} bytes of output are missing. 此处缺少 ${bytes} 字节的输出。\u001b[0m\r\n`,
  );
