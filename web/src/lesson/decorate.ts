import type { BlockView } from '../../../server/protocol/index.ts';
import type { Dictionary } from '../i18n/en.ts';

/**
 * Give every command of a lesson its buttons. Can be called again, in another language or once the hosts
 * are there: the text stays as it is and the buttons stay the same elements, with focus where it was.
 */
export function decorate(
  root: HTMLElement,
  blocks: readonly BlockView[],
  words: Dictionary['commands'],
  can: { run: boolean; copy: boolean },
): void {
  for (const element of root.querySelectorAll<HTMLElement>('[data-block], [data-copy]')) {
    const block = blocks.find(({ id }) => id === element.dataset['block']);
    const bar = toolbarOf(element, block !== undefined);
    if (block !== undefined) {
      bar.querySelector('.command-host')!.textContent = block.host;
      const describe = block.interrupt ? words.interruptOn : words.runOn;
      label(bar, 'run', words.run, can.run ? describe(block.host) : words.notRunning, can.run);
    }
    label(bar, 'copy', words.copy, can.copy ? words.copyTitle : words.noAddresses, can.copy);
  }
}

/**
 * How to find the button that has the focus again, once the text has been put in anew; null where it is none of a
 * command that can be run.
 */
export function focusedButton(root: HTMLElement): string | null {
  const button = root.ownerDocument.activeElement?.closest<HTMLElement>('[data-action]');
  const block = button?.closest<HTMLElement>('[data-block]');
  if (!button || !block || !root.contains(block)) return null;
  return `[data-block="${block.dataset['block']}"] [data-action="${button.dataset['action']}"]`;
}

function toolbarOf(element: HTMLElement, runs: boolean): HTMLElement {
  const existing = element.querySelector<HTMLElement>('.command-bar');
  if (existing !== null) return existing;
  const create = (tag: string, className: string): HTMLElement => {
    const made = element.ownerDocument.createElement(tag);
    made.className = className;
    return made;
  };
  const button = (action: string): HTMLElement => {
    const made = create('button', 'command-button');
    made.setAttribute('type', 'button');
    made.dataset['action'] = action;
    return made;
  };
  // Not a `div`: a command may stand within a sentence.
  const bar = create('span', 'command-bar');
  if (runs) bar.append(create('span', 'command-host'), button('run'));
  bar.append(button('copy'));
  element.append(bar);
  return bar;
}

function label(bar: HTMLElement, action: string, text: string, title: string, enabled: boolean): void {
  const button = bar.querySelector<HTMLElement>(`[data-action="${action}"]`);
  if (button === null) return;
  button.textContent = text;
  button.title = title;
  // Not `disabled`: the button would drop the focus each time the connection does.
  button.setAttribute('aria-disabled', String(!enabled));
}
