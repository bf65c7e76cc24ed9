import { useRef } from 'preact/hooks';
import type { LabStore } from '../state/lab-store.ts';
import { useLabWords } from './app-context.ts';

/** Ends the lab, after asking: nothing of it can be had back. */
export function EndLab({ store }: { store: LabStore }) {
  const words = useLabWords(store).lab;
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button type="button" class="tool" onClick={() => dialog.current?.showModal()}>
        {words.end}
      </button>
      <dialog ref={dialog} class="dialog" aria-labelledby="end-title">
        <h2 id="end-title">{words.endTitle}</h2>
        <p>{words.endText}</p>
        <form method="dialog" class="actions">
          <button type="submit" class="button">
            {words.endCancel}
          </button>
          <button type="submit" class="button is-danger" onClick={() => void store.end()}>
            {words.endConfirm}
          </button>
        </form>
      </dialog>
    </>
  );
}
