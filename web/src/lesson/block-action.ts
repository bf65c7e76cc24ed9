import type { BlockId } from '../../../server/protocol/index.ts';

/** What a click inside a lesson asks for. The text of a command is only ever copied, never sent. */
export type BlockAction = { type: 'run'; block: BlockId } | { type: 'copy'; text: string };

/** The action of the button that was clicked; null for a click anywhere else. */
export function blockAction(target: Pick<Element, 'closest'>): BlockAction | null {
  const button = target.closest<HTMLElement>('[data-action]');
  const block = button?.closest<HTMLElement>('[data-block], [data-copy]');
  if (!button || !block) return null;
  if (button.dataset['action'] === 'run') {
    const id = block.dataset['block'];
    return id === undefined ? null : { type: 'run', block: id };
  }
  const text = block.querySelector('pre, code')?.textContent ?? '';
  return { type: 'copy', text: text.replace(/\n$/, '') };
}
