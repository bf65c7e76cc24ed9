import type { LabSocket } from '../state/lab-socket.ts';
import type { LabStore } from '../state/lab-store.ts';
import { LAYOUTS, type Layout } from '../state/preferences.ts';
import { useApp, useWords } from '../ui/app-context.ts';
import { LayoutIcon, ReaderIcon } from '../ui/icons.tsx';
import { useWide } from '../ui/use-wide.ts';
import { TerminalPane } from './terminal-pane.tsx';

/** The right half: a terminal for each host, one in front or all at once. */
export function Terminals({ store, socket }: { store: LabStore; socket: LabSocket }) {
  const { preferences } = useApp();
  const words = useWords();
  const wide = useWide();
  const terminals = store.terminals.value;
  const front = store.terminal.value;
  const layout: Layout = wide && terminals.length > 1 ? preferences.layout.value : 'tabs';
  const tabs = layout === 'tabs';
  return (
    <div class={`terminal-set is-${layout}`}>
      <div class="terminal-head">
        {tabs ? <Tabs store={store} /> : <span class="terminal-heading">{words.terminals.title}</span>}
        <span class="terminal-tip">{words.terminals.leaveHint}</span>
        <ScreenReaderSwitch />
        {wide && terminals.length > 1 && <LayoutSwitch />}
      </div>
      <div class="terminal-panes">
        {terminals.map(({ run, id, host }) => (
          <div
            key={`${run}:${id}`}
            id={`pane-${id}`}
            class={`terminal-pane${id === front ? ' is-front' : ''}`}
            role={tabs ? 'tabpanel' : 'group'}
            aria-labelledby={tabs ? `tab-${id}` : `name-${id}`}
            onFocusIn={() => store.showTerminal(id)}
          >
            {!tabs && (
              <p class="terminal-name" id={`name-${id}`}>
                {host}
              </p>
            )}
            <TerminalPane key="screen" store={store} socket={socket} run={run} id={id} host={host} />
          </div>
        ))}
      </div>
    </div>
  );
}

function Tabs({ store }: { store: LabStore }) {
  const words = useWords();
  const terminals = store.terminals.value;
  const front = store.terminal.value;

  const move = (event: KeyboardEvent): void => {
    const at = terminals.findIndex(({ id }) => id === front);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: terminals.length - 1 }[event.key];
    const target = to === undefined ? undefined : terminals.at(to % terminals.length);
    if (target === undefined) return;
    event.preventDefault();
    store.showTerminal(target.id);
    document.querySelector<HTMLElement>(`#tab-${target.id}`)?.focus();
  };

  return (
    <div class="tabs" role="tablist" aria-label={words.terminals.title} onKeyDown={move}>
      {terminals.map(({ id, host }) => (
        <button
          key={id}
          type="button"
          class="tab"
          role="tab"
          id={`tab-${id}`}
          aria-selected={id === front}
          aria-controls={`pane-${id}`}
          tabIndex={id === front ? 0 : -1}
          // A click wants to type there; the keyboard first wants to look.
          onClick={(event) => (event.detail > 0 ? store.focusTerminal(id) : store.showTerminal(id))}
        >
          {host}
        </button>
      ))}
    </div>
  );
}

function ScreenReaderSwitch() {
  const { preferences } = useApp();
  const words = useWords();
  const on = preferences.screenReader.value;
  return (
    <button
      type="button"
      class="tool tool-icon"
      aria-pressed={on}
      aria-label={words.terminals.screenReader}
      title={words.terminals.screenReader}
      onClick={() => preferences.setScreenReader(!on)}
    >
      <ReaderIcon />
    </button>
  );
}

function LayoutSwitch() {
  const { preferences } = useApp();
  const words = useWords();
  return (
    <div class="layout-switch" role="group" aria-label={words.terminals.layout}>
      {LAYOUTS.map((layout) => (
        <button
          key={layout}
          type="button"
          class="tool tool-icon"
          aria-pressed={preferences.layout.value === layout}
          aria-label={words.terminals.layouts[layout]}
          title={words.terminals.layouts[layout]}
          onClick={() => preferences.setLayout(layout)}
        >
          <LayoutIcon layout={layout} />
        </button>
      ))}
    </div>
  );
}
