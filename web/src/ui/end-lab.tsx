import { useRef } from 'preact/hooks';
import type { LabStore } from '../state/lab-store.ts';
import { useWords } from './app-context.ts';

/** Ends the lab, after asking: nothing of it can be had back. */
export function EndLab({ store }: { store: LabStore }) {
  const words = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button type="button" class="tool" onClick={() => dialog.current?.showModal()}>
        {words.lab.end}
      </button>
      <dialog ref={dialog} class="dialog" aria-labelledby="end-title">
        <h2 id="end-title">{words.lab.endTitle}</h2>
        <p>{words.lab.endText}</p>
        <form method="dialog" class="actions">
          <button type="submit" class="button">
            {words.lab.endCancel}
          </button>
          <button type="submit" class="button is-danger" onClick={() => void store.end()}>
            {words.lab.endConfirm}
          </button>
        </form>
      </dialog>
    </>
  );
}
