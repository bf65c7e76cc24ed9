/** Milliseconds for which a button says that it has done its work. */
const DONE_FOR = 1600;
/** Milliseconds for which a command says what is to be done by hand. */
const NOTE_FOR = 10_000;

/** Mark a button as having done its work. */
export function flash(button: HTMLElement): void {
  button.dataset['done'] = '';
  setTimeout(() => delete button.dataset['done'], DONE_FOR);
}

/** Say under a command, or its sentence, why a button did not do its work; it is spoken elsewhere. */
export function note(command: Element, text: string): void {
  const place = command.closest('div.command, p, li, td, th') ?? command;
  place.querySelector('.command-note')?.remove();
  const element = command.ownerDocument.createElement('span');
  element.className = 'command-note';
  element.textContent = text;
  place.append(element);
  setTimeout(() => element.remove(), NOTE_FOR);
}
