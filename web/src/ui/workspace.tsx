import { useComputed, type Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { RunId } from '../../../server/protocol/index.ts';
import { LessonPane } from '../lesson/lesson-pane.tsx';
import type { LabStore } from '../state/lab-store.ts';
import { SPLIT } from '../state/preferences.ts';
import { Terminals } from '../terminal/terminals.tsx';
import { useApp, useWords } from './app-context.ts';
import { Divider } from './divider.tsx';
import { LabStatus } from './lab-status.tsx';
import { useEffectAtOnce } from './use-effect-at-once.ts';
import { useNarrow } from './use-narrow.ts';

/** Which half a narrow window shows. */
export type View = 'text' | 'terminals';

/** Text and terminals: side by side, or on a narrow window one at a time. */
export function Workspace({ store, view }: { store: LabStore; view: Signal<View> }) {
  const { engine, preferences } = useApp();
  const words = useWords();
  const { terminals } = store;
  const socket = store.connection.socket.value;
  const hasTerminals = terminals.list.value.length > 0 && socket !== null;
  const split = preferences.split.value;
  const narrow = useNarrow();
  const news = hasTerminals && view.value === 'text' && terminals.marks.unseen.value.size > 0;

  /** What had the focus last in the text, for the keyboard's way back. */
  const lastInText = useRef<Element | null>(null);

  // A command that is run is to be seen running.
  useEffectAtOnce(() => {
    if (terminals.focusRequests.value > 0) view.value = 'terminals';
  });
  useEffectAtOnce(() => {
    if (terminals.leaveRequests.value === 0) return undefined;
    view.value = 'text';
    // On a narrow window the text can take the focus once it has been drawn.
    const frame = requestAnimationFrame(() =>
      focusFirst(lastInText.current, document.querySelector('#lesson-text')),
    );
    return () => cancelAnimationFrame(frame);
  });
  // Why a lab is over, and the way to start it again, stand in the terminals' place; it begins with its text.
  // Of the session its run alone: what else is told of it must not turn the page.
  const run = useComputed(() => store.session.value?.run);
  const begun = useRef<RunId | undefined>(undefined);
  useEffectAtOnce(() => {
    const phase = store.phase.value;
    const isNew = run.value !== begun.current;
    begun.current = run.value;
    const isOver = engine.status.value?.status === 'failed' || phase === 'failed' || phase === 'ended';
    if (isOver || phase === 'lost' || phase === 'queued') view.value = 'terminals';
    else if (isNew || phase === 'provisioning') view.value = 'text';
  });

  return (
    <>
      <main
        class="workspace"
        data-view={view.value}
        onFocusIn={({ target }) => {
          if (target instanceof Element && target.closest('.lesson') !== null) lastInText.current = target;
        }}
        style={{ '--text-share': `${split}fr`, '--terminal-share': `${100 - split}fr` }}
      >
        <LessonPane store={store} />
        <Divider
          label={words.lab.divider}
          orientation="vertical"
          share={split}
          bounds={SPLIT}
          onMove={(share) => preferences.setSplit(share)}
        />
        <section class="terminals" aria-label={words.terminals.title}>
          {hasTerminals ? (
            <Terminals terminals={terminals} socket={socket} isSeen={!narrow || view.value === 'terminals'} />
          ) : (
            <LabStatus store={store} />
          )}
        </section>
      </main>
      <div class="view-switch">
        {(['text', 'terminals'] as const).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={view.value === each}
            class={each === 'terminals' && news ? 'has-news' : undefined}
            // A description, as the tabs have it.
            title={each === 'terminals' && news ? words.terminals.unseen : undefined}
            onClick={() => {
              view.value = each;
            }}
          >
            {each === 'text' ? words.lab.switchText : words.lab.switchTerminals}
          </button>
        ))}
      </div>
    </>
  );
}

/** Give the focus to the first of these that takes it: one that is gone or not seen does not. */
function focusFirst(...candidates: readonly (Element | null)[]): void {
  for (const candidate of candidates) {
    if (candidate instanceof HTMLElement) candidate.focus();
    if (candidate !== null && document.activeElement === candidate) return;
  }
}
