import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { LabSocket } from '../state/lab-socket.ts';
import type { LabTerminals } from '../state/lab-terminals.ts';
import { TERMINAL_SPLIT, type Layout } from '../state/preferences.ts';
import { layoutsIn } from '../state/terminal-room.ts';
import { useApp, useWords } from '../ui/app-context.ts';
import { Divider } from '../ui/divider.tsx';
import { SearchIcon } from '../ui/icons.tsx';
import { useRoom } from '../ui/use-room.ts';
import { LinkQuestion } from './link-question.tsx';
import { ShellButtons, Tabs } from './tabs.tsx';
import { terminalName } from './terminal-name.ts';
import { TerminalPane } from './terminal-pane.tsx';
import type { SearchRequest } from './terminal-search.tsx';
import { TerminalSettings } from './terminal-settings.tsx';

/**
 * The right half: the terminals of each host, one in front or all at once; `isSeen` but on a narrow window that shows the
 * text.
 */
export function Terminals(props: { terminals: LabTerminals; socket: LabSocket; isSeen: boolean }) {
  const { terminals, socket, isSeen } = props;
  const { preferences } = useApp();
  const words = useWords().terminals;
  const whole = useRef<HTMLDivElement>(null);
  const room = useRoom(whole);
  const list = terminals.list.value;
  const front = list.find(({ id }) => id === terminals.front.value);
  // What was chosen is kept for when there is room for it again.
  const layouts: Layout[] = list.length > 1 ? layoutsIn(room, preferences.fontSize.value) : ['tabs'];
  const layout = layouts.find((each) => each === preferences.layout.value) ?? 'tabs';
  const tabs = layout === 'tabs';
  const splits = !tabs && list.length === 2;
  const share = preferences.terminalSplit.value;
  const searched = useSignal<SearchRequest | null>(null);
  const link = useSignal<string | null>(null);

  const shown = list.flatMap(({ id }) => (isSeen && (!tabs || id === front?.id) ? [id] : []));
  useEffect(() => terminals.marks.see(shown), [terminals, shown.join(' ')]);

  return (
    <div class={`terminal-set is-${layout}`} ref={whole}>
      <div class="terminal-head">
        {tabs ? <Tabs terminals={terminals} /> : <span class="terminal-heading">{words.title}</span>}
        {tabs && front !== undefined && (
          <ShellButtons terminals={terminals} id={front.id} host={front.host} />
        )}
        <span class="terminal-tip">{words.leaveHint}</span>
        <button
          type="button"
          class="tool tool-icon"
          aria-label={words.search.label}
          title={words.search.label}
          onClick={() => {
            searched.value = front === undefined ? null : { terminal: front.id };
          }}
        >
          <SearchIcon />
        </button>
        <TerminalSettings layouts={layouts} layout={layout} />
      </div>
      <div
        class={`terminal-panes${splits ? ' is-split' : ''}`}
        style={{ '--first-share': `${share}fr`, '--second-share': `${100 - share}fr` }}
      >
        {splits && (
          <Divider
            key="divider"
            label={words.divider}
            orientation={layout === 'stacked' ? 'horizontal' : 'vertical'}
            share={share}
            bounds={TERMINAL_SPLIT}
            onMove={(to) => preferences.setTerminalSplit(to)}
          />
        )}
        {list.map(({ run, id, host }) => (
          <div
            key={`${run}:${id}`}
            id={`pane-${id}`}
            class={`terminal-pane${id === front?.id ? ' is-front' : ''}`}
            role={tabs ? 'tabpanel' : 'group'}
            aria-labelledby={tabs ? `tab-${id}` : `name-${id}`}
            onFocusIn={() => terminals.show(id)}
          >
            {!tabs && (
              <div class="terminal-name">
                <span id={`name-${id}`}>{terminalName({ id, host })}</span>
                <ShellButtons terminals={terminals} id={id} host={host} />
              </div>
            )}
            <TerminalPane
              key="screen"
              terminals={terminals}
              socket={socket}
              terminal={{ run, id, host }}
              searched={searched}
              onLink={(address) => {
                link.value = address;
              }}
            />
          </div>
        ))}
      </div>
      <LinkQuestion link={link} onClose={() => terminals.focus()} />
    </div>
  );
}
