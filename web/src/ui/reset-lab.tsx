import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { LabStore } from '../state/lab-store.ts';
import { useLabWords } from './app-context.ts';

/** Gives the lab fresh hosts, or terminals on its own ones, after asking; `isMain` where its hosts are gone and this is the way on. */
export function ResetLab({ store, isMain = false }: { store: LabStore; isMain?: boolean }) {
  const words = useLabWords(store).lab;
  const dialog = useRef<HTMLDialogElement>(null);
  const keep = useSignal(true);
  const hasProgress = store.session.value?.steps.some(({ state }) => state === 'passed') === true;
  return (
    <>
      <button
        type="button"
        class={isMain ? 'button is-primary is-large' : 'tool'}
        aria-disabled={store.pending.value?.what === 'reset'}
        onClick={() => {
          keep.value = true;
          dialog.current?.showModal();
        }}
      >
        {words.reset}
      </button>
      <dialog ref={dialog} class="dialog" aria-labelledby="reset-title">
        <h2 id="reset-title">{words.resetTitle}</h2>
        <p>{words.resetText}</p>
        <form
          method="dialog"
          onSubmit={({ submitter }) => {
            if (submitter?.getAttribute('value') === 'reset') void store.reset(hasProgress && keep.value);
          }}
        >
          {hasProgress && (
            <fieldset class="choice">
              <legend>{words.resetChoice}</legend>
              {([true, false] as const).map((each) => (
                <label key={String(each)}>
                  <input
                    type="radio"
                    name="progress"
                    checked={keep.value === each}
                    onChange={() => {
                      keep.value = each;
                    }}
                  />
                  {each ? words.resetKeep : words.resetAnew}
                </label>
              ))}
            </fieldset>
          )}
          <div class="actions">
            <button type="submit" class="button" value="cancel">
              {words.resetCancel}
            </button>
            <button type="submit" class="button is-danger" value="reset">
              {words.reset}
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
