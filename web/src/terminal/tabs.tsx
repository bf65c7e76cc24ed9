import { useEffect } from 'preact/hooks';
import type { HostName, TerminalId } from '../../../server/protocol/index.ts';
import type { LabTerminals } from '../state/lab-terminals.ts';
import { useWords } from '../ui/app-context.ts';
import { CloseIcon, PlusIcon } from '../ui/icons.tsx';
import { terminalName } from './terminal-name.ts';

/** A tab for each terminal, named by its host; a mark says what is behind it. */
export function Tabs({ terminals }: { terminals: LabTerminals }) {
  const words = useWords().terminals;
  const list = terminals.list.value;
  const front = terminals.front.value;
  const unseen = terminals.marks.unseen.value;
  const ended = terminals.marks.ended.value;

  // With many tabs not all have room.
  useEffect(() => {
    document.querySelector(`#tab-${front}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [front]);

  const move = (event: KeyboardEvent): void => {
    const at = list.findIndex(({ id }) => id === front);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: list.length - 1 }[event.key];
    const target = to === undefined ? undefined : list.at(to % list.length);
    if (target === undefined) return;
    event.preventDefault();
    terminals.show(target.id);
    document.querySelector<HTMLElement>(`#tab-${target.id}`)?.focus();
  };

  return (
    <div class="tabs" role="tablist" aria-label={words.title} onKeyDown={move}>
      {list.map(({ id, host }) => {
        const news = id !== front && unseen.has(id);
        const says = [...(news ? [words.unseen] : []), ...(ended.has(id) ? [words.ended] : [])];
        return (
          <button
            key={id}
            type="button"
            class={`tab${news ? ' has-news' : ''}${ended.has(id) ? ' has-ended' : ''}`}
            role="tab"
            id={`tab-${id}`}
            aria-selected={id === front}
            aria-controls={`pane-${id}`}
            tabIndex={id === front ? 0 : -1}
            // A description, and no part of the name by which people's scripts find the tab.
            title={says.length === 0 ? undefined : says.join(' ')}
            // A click wants to type there; the keyboard first wants to look.
            onClick={(event) => (event.detail > 0 ? terminals.focus(id) : terminals.show(id))}
          >
            {terminalName({ id, host })}
          </button>
        );
      })}
    </div>
  );
}

/** Opens another shell on a host and, for a terminal beyond its first, closes that. */
export function ShellButtons(props: { terminals: LabTerminals; id: TerminalId; host: HostName }) {
  const { terminals, id, host } = props;
  const words = useWords().terminals;
  return (
    <span class="shell-buttons">
      {id !== host && (
        <button
          type="button"
          class="tool tool-icon"
          aria-label={words.close(terminalName({ id, host }))}
          title={words.close(terminalName({ id, host }))}
          onClick={() => terminals.close(id)}
        >
          <CloseIcon />
        </button>
      )}
      <button
        type="button"
        class="tool tool-icon"
        aria-label={words.another(host)}
        title={words.another(host)}
        onClick={() => void terminals.open(host)}
      >
        <PlusIcon />
      </button>
    </span>
  );
}
