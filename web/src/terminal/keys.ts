/** What a key does in a terminal that is not the shell's to know. */
export type KeyAction = 'shell' | 'copy' | 'paste' | 'nothing' | 'search' | 'leave';

/** What the meaning of a key hangs on besides the key. */
export type KeyPlace = {
  platform: 'mac' | 'windows' | 'other';
  /** Whether text is selected in the terminal. */
  selected: boolean;
  /** Whether a program has the whole screen, as an editor does. */
  fullScreen: boolean;
};

type Key = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>;

/**
 * Whose a key is. `paste` and `nothing` are the browser's and nobody's: of a paste it has the text, also where a page
 * may not ask for it.
 */
export function keyAction(event: Key, { platform, selected, fullScreen }: KeyPlace): KeyAction {
  const { ctrlKey, shiftKey, altKey, metaKey } = event;
  // Tab belongs to the shell, so the keyboard needs another way out.
  if (event.key === 'F6' && (ctrlKey || altKey)) return 'leave';
  if (ctrlKey && event.key === 'Insert' && !altKey && !metaKey) return selected ? 'copy' : 'nothing';
  if (shiftKey && event.key === 'Insert' && !ctrlKey && !altKey && !metaKey) return 'paste';
  const mac = platform === 'mac';
  if (altKey || (mac ? !metaKey || ctrlKey : !ctrlKey || metaKey)) return 'shell';
  switch (letterOf(event)) {
    case 'c':
      // With Shift it would open the browser's developer tools.
      if (mac || shiftKey) return selected ? 'copy' : 'nothing';
      return selected ? 'copy' : 'shell';
    case 'v':
      return mac || shiftKey || platform === 'windows' ? 'paste' : 'shell';
    case 'f':
      // An editor or a pager searches its own text, and pages by this key.
      if (shiftKey) return 'shell';
      return mac || !fullScreen ? 'search' : 'shell';
    default:
      return 'shell';
  }
}

/** The letter that is on the key, which a Cyrillic layout does not tell by `key`. */
const letterOf = ({ key, code }: Key): string =>
  /^[\u0020-\u007e]$/.test(key) ? key.toLowerCase() : code.replace(/^Key/, '').toLowerCase();

/** Which habits a machine's people have. */
export function platformOf(userAgent: string): KeyPlace['platform'] {
  if (/Mac|iPhone|iPad/.test(userAgent)) return 'mac';
  return userAgent.includes('Windows') ? 'windows' : 'other';
}
