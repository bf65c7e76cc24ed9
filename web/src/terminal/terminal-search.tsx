import { useSignal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { TerminalId } from '../../../server/protocol/index.ts';
import { useWords } from '../ui/app-context.ts';
import { CloseIcon, DownIcon, UpIcon } from '../ui/icons.tsx';
import type { SearchWay, XtermScreen } from './screen.ts';

/** Where a text was found: which place is shown, from 0 or -1 where that is not known, of how many. */
export type Found = { shown: number; all: number };

/** That a text be looked for in a terminal; another one each time, so that the keyboard comes to the search again. */
export type SearchRequest = { terminal: TerminalId };

/** Looks for a text in a terminal, over which it stands. */
export function TerminalSearch(props: {
  screen: XtermScreen;
  request: SearchRequest;
  found: ReadonlySignal<Found>;
  onClose: () => void;
}) {
  const { screen, request, found, onClose } = props;
  const words = useWords().terminals.search;
  const text = useSignal('');
  const input = useRef<HTMLInputElement>(null);

  const focus = (): void => {
    input.current?.focus();
    input.current?.select();
  };
  // Before the next key, which may follow at once.
  useLayoutEffect(focus, [request]);
  useEffect(() => () => screen.endSearch(), [screen]);

  const find = (way: SearchWay): void => {
    if (text.value === '') screen.endSearch();
    else screen.find(text.value, way);
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onClose();
    // The browser's own search finds nothing in what WebGL has drawn.
    else if (event.key === 'f' && (event.ctrlKey || event.metaKey)) focus();
    else if (event.key === 'Enter' && event.target === input.current)
      find(event.shiftKey ? 'previous' : 'next');
    else return;
    event.preventDefault();
  };
  return (
    <div class="terminal-search" role="search" aria-label={words.label} onKeyDown={key}>
      <input
        ref={input}
        type="text"
        value={text.value}
        aria-label={words.text}
        placeholder={words.text}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
          find('here');
        }}
      />
      <span class="terminal-found" role="status">
        {text.value === '' ? '' : words.found(found.value)}
      </span>
      <button
        type="button"
        class="tool tool-icon"
        aria-label={words.previous}
        title={words.previous}
        onClick={() => find('previous')}
      >
        <UpIcon />
      </button>
      <button
        type="button"
        class="tool tool-icon"
        aria-label={words.next}
        title={words.next}
        onClick={() => find('next')}
      >
        <DownIcon />
      </button>
      <button
        type="button"
        class="tool tool-icon"
        aria-label={words.close}
        title={words.close}
        onClick={onClose}
      >
        <CloseIcon />
      </button>
    </div>
  );
}
