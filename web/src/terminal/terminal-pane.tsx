import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { HostName, RunId, TerminalId } from '../../../server/protocol/index.ts';
import { dictionaries } from '../i18n/pick.ts';
import type { LabSocket } from '../state/lab-socket.ts';
import type { LabStore } from '../state/lab-store.ts';
import { useApp, useWords } from '../ui/app-context.ts';
import { useEffectAtOnce } from '../ui/use-effect-at-once.ts';
import type { XtermScreen } from './screen.ts';
import { TerminalLink } from './terminal-link.ts';

/**
 * One terminal. It lives as long as its shell is shown anywhere: to be behind another, or in another
 * language or theme, changes nothing of what is on it.
 */
export function TerminalPane(props: {
  store: LabStore;
  socket: LabSocket;
  run: RunId;
  id: TerminalId;
  host: HostName;
}) {
  const { store, socket, run, id, host } = props;
  const { preferences } = useApp();
  const words = useWords();
  const element = useRef<HTMLDivElement>(null);
  const screen = useSignal<XtermScreen | null>(null);
  const failed = useSignal(false);
  /** What was asked of the terminals before this one is not asked of it. */
  const answered = useRef(store.focusRequests.peek());

  useEffect(() => {
    let gone = false;
    let made: XtermScreen | undefined;
    let link: TerminalLink | undefined;
    const open = async (): Promise<void> => {
      const { XtermScreen } = await import('./screen.ts');
      if (gone || element.current === null) return;
      made = new XtermScreen(element.current, {
        text: (text) => link?.type(text),
        binary: (bytes) => link?.typeBinary(bytes),
        resize: (columns, rows) => link?.resize(columns, rows),
        leave: () => store.leaveTerminals(),
      });
      link = new TerminalLink(
        socket,
        { run, id },
        made,
        () => dictionaries[preferences.locale.peek()].terminals,
      );
      link.resize(made.columns, made.rows);
      screen.value = made;
    };
    open().catch(() => {
      failed.value = true;
    });
    return () => {
      gone = true;
      screen.value = null;
      link?.dispose();
      made?.dispose();
    };
  }, [socket, run, id]);

  // Keys that closely follow a connection's return must not be dropped.
  useEffectAtOnce(() => {
    screen.value?.setLive(store.connection.value === 'online');
  });
  useSignalEffect(() => {
    screen.value?.setScreenReader(preferences.screenReader.value);
  });
  useSignalEffect(() => {
    screen.value?.label(dictionaries[preferences.locale.value].terminals.of(host));
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
    const requests = store.focusRequests.value;
    const opened = screen.value;
    if (opened === null || requests === answered.current) return undefined;
    answered.current = requests;
    const target = store.terminal.peek() === id ? opened : null;
    // A terminal that was behind can take the focus once it has been drawn in front.
    const frame = requestAnimationFrame(() => target?.focus());
    return () => cancelAnimationFrame(frame);
  });

  return (
    <div class="terminal-body">
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
    </div>
  );
}
