import type { Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { useWords } from '../ui/app-context.ts';

/** Asks before a link in a terminal is followed: what a program prints need not be where it leads. */
export function LinkQuestion({ link, onClose }: { link: Signal<string | null>; onClose: () => void }) {
  const words = useWords().terminals.link;
  const dialog = useRef<HTMLDialogElement>(null);
  const address = link.value;
  useEffect(() => {
    if (address !== null) dialog.current?.showModal();
  }, [address]);
  const close = (): void => {
    link.value = null;
    onClose();
  };
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="link-title" onClose={close}>
      <h2 id="link-title">{words.title}</h2>
      <p>{words.text}</p>
      <p class="link-address">{address}</p>
      <form method="dialog" class="actions">
        <button type="submit" class="button">
          {words.cancel}
        </button>
        <a
          class="button is-primary"
          {...(address !== null && { href: address })}
          target="_blank"
          rel="noopener noreferrer"
          onClick={() => dialog.current?.close()}
        >
          {words.open}
        </a>
      </form>
    </dialog>
  );
}
