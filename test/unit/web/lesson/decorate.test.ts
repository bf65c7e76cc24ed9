import { beforeEach, describe, expect, it } from 'vitest';
import type { BlockView } from '../../../../server/protocol/index.ts';
import { dictionaries } from '../../../../web/src/i18n/pick.ts';
import { blockAction } from '../../../../web/src/lesson/block-action.ts';
import { decorate } from '../../../../web/src/lesson/decorate.ts';
import { FakeElement } from './fake-element.ts';

const blocks: BlockView[] = [{ id: 'b1', host: 'host02', interrupt: true }];

const command = (data: Record<string, string>, text: string, tag: 'pre' | 'code' = 'pre'): FakeElement => {
  const made = new FakeElement(tag === 'pre' ? 'div' : 'span');
  Object.assign(made.dataset, data);
  const code = new FakeElement(tag);
  code.textContent = text;
  made.append(code);
  return made;
};

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the fake has what is asked of an element here
const element = (fake: FakeElement | null | undefined) => fake as unknown as HTMLElement;
const click = (fake: FakeElement | null | undefined) => blockAction(element(fake));

describe("a lesson's commands", () => {
  let root: FakeElement;
  const dress = (locale: 'en' | 'zh-CN' = 'en', can = { run: true, copy: true }) =>
    decorate(element(root), blocks, dictionaries[locale].commands, can);
  const buttons = () => root.querySelectorAll('button');

  beforeEach(() => {
    root = new FakeElement('div');
    root.append(command({ block: 'b1', host: 'host02' }, 'docker ps\n'), command({ copy: '' }, 'a\nb\n'));
  });

  it('can be run and copied, or only copied, as the server marked them', () => {
    dress();
    expect(buttons().map(({ textContent }) => textContent)).toEqual(['Run', 'Copy', 'Copy']);
    expect(root.querySelector('.command-host')?.textContent).toBe('host02');
  });

  it('say where they go, and that they stop what runs there', () => {
    dress();
    expect(buttons()[0]?.title).toContain('Ctrl-C');
    expect(buttons()[0]?.title).toContain('host02');
  });

  it('keep their buttons when the language changes', () => {
    dress('en');
    const before = buttons();
    dress('zh-CN');
    expect(buttons()).toEqual(before);
    expect(buttons().map(({ textContent }) => textContent)).toEqual(['运行', '复制', '复制']);
  });

  it('cannot be run before there are hosts', () => {
    dress('en', { run: false, copy: true });
    expect(buttons()[0]?.attributes.get('aria-disabled')).toBe('true');
    expect(buttons()[1]?.attributes.get('aria-disabled')).toBe('false');
    dress('en');
    expect(buttons()[0]?.attributes.get('aria-disabled')).toBe('false');
  });

  it('can be neither run nor copied, with the reason, while words stand in for addresses', () => {
    dress('en', { run: false, copy: false });
    expect(buttons().map(({ attributes }) => attributes.get('aria-disabled'))).toEqual([
      'true',
      'true',
      'true',
    ]);
    expect(buttons()[1]?.title).toContain('addresses');
    dress('en');
    expect(buttons().map(({ attributes }) => attributes.get('aria-disabled'))).toEqual([
      'false',
      'false',
      'false',
    ]);
  });

  it('have no Run where the server names no such block', () => {
    root.append(command({ block: 'b9' }, 'unknown'));
    dress();
    expect(
      buttons()
        .slice(3)
        .map(({ textContent }) => textContent),
    ).toEqual(['Copy']);
  });

  it('are run by their id and never by their text', () => {
    dress();
    expect(click(buttons()[0])).toEqual({ type: 'run', block: 'b1' });
  });

  it('are copied whole, without the end of the last line, that a paste should not enter', () => {
    dress();
    expect(click(buttons()[1])).toEqual({ type: 'copy', text: 'docker ps' });
    expect(click(buttons()[2])).toEqual({ type: 'copy', text: 'a\nb' });
  });

  it('are copied from within a sentence too, and have nothing there that a sentence may not have', () => {
    root.append(command({ copy: '' }, 'docker info', 'code'));
    dress();
    expect(click(buttons().at(-1))).toEqual({ type: 'copy', text: 'docker info' });
    expect(root.querySelectorAll('.command-bar').map(({ tag }) => tag)).toEqual(['span', 'span', 'span']);
  });

  it('do nothing when something else is clicked', () => {
    dress();
    expect(click(root.querySelector('pre'))).toBeNull();
  });
});
