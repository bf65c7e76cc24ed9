import { useSignal, useSignalEffect, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { dictionaries } from '../i18n/pick.ts';
import type { LabSocket } from '../state/lab-socket.ts';
import type { LabTerminal, LabTerminals } from '../state/lab-terminals.ts';
import { useApp, useWords } from '../ui/app-context.ts';
import { useEffectAtOnce } from '../ui/use-effect-at-once.ts';
import { whenIdle } from '../ui/when-idle.ts';
import { LateScreen } from './late-screen.ts';
import type { XtermScreen } from './screen.ts';
import { TerminalLink } from './terminal-link.ts';
import { terminalName } from './terminal-name.ts';
import { TerminalSearch, type Found, type SearchRequest } from './terminal-search.tsx';

/** How long a terminal shows its bell, and for how long it then shows no other: nothing may flicker. */
const BELL_MS = { shown: 250, apart: 1000 };

/** Milliseconds in which a terminal is opened that is behind another. */
const BEHIND_WITHIN_MS = 300;

/**
 * One terminal. It lives as long as its shell is shown anywhere: to be behind another, or in another
 * language or theme, changes nothing of what is on it.
 */
export function TerminalPane(props: {
  terminals: LabTerminals;
  socket: LabSocket;
  terminal: LabTerminal;
  /** Where a text is looked for. */
  searched: Signal<SearchRequest | null>;
  onLink: (address: string) => void;
}) {
  const { terminals, socket, searched } = props;
  const { run, id, host } = props.terminal;
  const { preferences } = useApp();
  const words = useWords();
  const element = useRef<HTMLDivElement>(null);
  const screen = useSignal<XtermScreen | null>(null);
  const failed = useSignal(false);
  const found = useSignal<Found>({ shown: -1, all: 0 });
  const rings = useSignal(false);
  const onLink = useRef(props.onLink);
  onLink.current = props.onLink;
  /** What was asked of the terminals before this one is not asked of it, but that it be opened. */
  const answered = useRef(terminals.hasOpened(id) ? -1 : terminals.focusRequests.peek());

  useEffect(() => {
    let gone = false;
    let stopWaiting = (): void => undefined;
    let made: XtermScreen | undefined;
    let quiet: ReturnType<typeof setTimeout> | undefined;
    let rung = -Infinity;
    const bell = (): void => {
      if (performance.now() - rung < BELL_MS.apart) return;
      rung = performance.now();
      rings.value = true;
      quiet = setTimeout(() => (rings.value = false), BELL_MS.shown);
    };
    // Its output is on its way while the browser makes the screen for it.
    const late = new LateScreen();
    const link = new TerminalLink(
      socket,
      { run, id },
      late,
      () => dictionaries[preferences.locale.peek()].terminals,
    );
    const open = async (): Promise<void> => {
      const { XtermScreen } = await import('./screen.ts');
      if (gone || element.current === null) return;
      made = new XtermScreen(element.current, preferences.fontSize.peek(), {
        text: (text) => link.type(text),
        binary: (bytes) => link.typeBinary(bytes),
        resize: (columns, rows) => link.resize(columns, rows),
        leave: () => terminals.leave(),
        search: () => (searched.value = { terminal: id }),
        link: (address) => onLink.current(address),
        bell,
        found: (places) => (found.value = places),
      });
      link.resize(made.columns, made.rows);
      late.become(made);
      screen.value = made;
    };
    const begin = (): void =>
      void open().catch(() => {
        link.dispose();
        failed.value = true;
      });
    // The one in front is waited for; each takes the browser a while.
    if (terminals.front.peek() === id) begin();
    else stopWaiting = whenIdle(begin, { timeout: BEHIND_WITHIN_MS });
    return () => {
      gone = true;
      stopWaiting();
      clearTimeout(quiet);
      screen.value = null;
      link.dispose();
      made?.dispose();
    };
  }, [socket, run, id]);

  // Keys that closely follow a connection's return must not be dropped.
  useEffectAtOnce(() => {
    screen.value?.setLive(terminals.isLive.value);
  });
  useSignalEffect(() => {
    screen.value?.setScreenReader(preferences.screenReader.value);
  });
  useSignalEffect(() => {
    screen.value?.setFontSize(preferences.fontSize.value);
  });
  useSignalEffect(() => {
    screen.value?.label(dictionaries[preferences.locale.value].terminals.of(terminalName({ id, host })));
  });
  useSignalEffect(() => {
    const painted = preferences.painted.value;
    // The style sheet has the new colours once the page carries the new theme.
    const repaint = (): void => {
      if (document.documentElement.dataset['theme'] === painted) screen.peek()?.repaint();
    };
    const frame = requestAnimationFrame(repaint);
    return () => cancelAnimationFrame(frame);
  });
  useSignalEffect(() => {
    const requests = terminals.focusRequests.value;
    const opened = screen.value;
    if (opened === null || requests === answered.current) return undefined;
    answered.current = requests;
    const target = terminals.front.peek() === id ? opened : null;
    // A terminal that was behind can take the focus once it has been drawn in front.
    const frame = requestAnimationFrame(() => target?.focus());
    return () => cancelAnimationFrame(frame);
  });

  return (
    <div class={`terminal-body${rings.value ? ' is-ringing' : ''}`}>
      {failed.value && (
        <p class="terminal-notice" role="alert">
          {words.terminals.loadProblem}
        </p>
      )}
      {screen.value === null && !failed.value && (
        <p class="terminal-notice" role="status">
          {words.terminals.opening}
        </p>
      )}
      <div class="terminal-screen" ref={element} />
      {screen.value !== null && searched.value?.terminal === id && (
        <TerminalSearch
          screen={screen.value}
          request={searched.value}
          found={found}
          onClose={() => {
            searched.value = null;
            screen.value?.focus();
          }}
        />
      )}
    </div>
  );
}
