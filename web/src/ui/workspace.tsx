import { useSignalEffect, type Signal } from '@preact/signals';
import { LessonPane } from '../lesson/lesson-pane.tsx';
import type { LabStore } from '../state/lab-store.ts';
import { Terminals } from '../terminal/terminals.tsx';
import { useApp, useWords } from './app-context.ts';
import { Divider } from './divider.tsx';
import { LabStatus } from './lab-status.tsx';

/** Which half a narrow window shows. */
export type View = 'text' | 'terminals';

/** Text and terminals: side by side, or on a narrow window one at a time. */
export function Workspace({ store, view }: { store: LabStore; view: Signal<View> }) {
  const { preferences } = useApp();
  const words = useWords();
  const socket = store.socket.value;
  const hasTerminals = store.terminals.value.length > 0 && socket !== null;
  const split = preferences.split.value;

  // A command that is run is to be seen running.
  useSignalEffect(() => {
    if (store.focusRequests.value > 0) view.value = 'terminals';
  });

  return (
    <>
      <main
        class="workspace"
        data-view={view.value}
        style={{ '--text-share': `${split}fr`, '--terminal-share': `${100 - split}fr` }}
      >
        <LessonPane store={store} />
        <Divider />
        <section class="terminals" aria-label={words.terminals.title}>
          {hasTerminals ? <Terminals store={store} socket={socket} /> : <LabStatus store={store} />}
        </section>
      </main>
      <div class="view-switch">
        {(['text', 'terminals'] as const).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={view.value === each}
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
