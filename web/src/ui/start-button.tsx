import { problemText } from '../i18n/pick.ts';
import type { LabStore } from '../state/lab-store.ts';
import { useApp, useWords } from './app-context.ts';

/** Starts the lab, and says why when that did not work; `isOther` beside what is to be pressed first. */
export function StartButton({
  store,
  label,
  isOther = false,
}: {
  store: LabStore;
  label: string;
  isOther?: boolean;
}) {
  const locale = useApp().preferences.locale.value;
  const words = useWords();
  const problem = store.problem.value;
  const starting = store.pending.value?.what === 'start';
  return (
    <>
      <button
        type="button"
        class={isOther ? 'button is-large' : 'button is-primary is-large'}
        aria-disabled={starting}
        onClick={() => void store.start()}
      >
        {starting ? words.lab.starting : label}
      </button>
      {problem !== null && (
        <p class="notice" role="alert">
          {problemText(problem, locale)}
        </p>
      )}
    </>
  );
}
