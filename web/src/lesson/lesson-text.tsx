import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { dictionaries, pick, problemText } from '../i18n/pick.ts';
import type { LabStore } from '../state/lab-store.ts';
import { pageKey } from '../state/lab-view.ts';
import { useApp, useWords } from '../ui/app-context.ts';
import { blockAction } from './block-action.ts';
import { copyText } from './clipboard.ts';
import { decorate, focusedButton } from './decorate.ts';
import { flash, note } from './feedback.ts';
import { openHints, setOpenHints } from './hints.ts';

/** The text of the page that is read, its commands with their buttons. */
export function LessonText({ store }: { store: LabStore }) {
  const { preferences } = useApp();
  const words = useWords();
  const root = useRef<HTMLDivElement>(null);
  const said = useSignal('');
  const locale = preferences.locale.value;
  const text = store.text.value;
  const canRun = store.terminals.canRun.value;
  const content = text.status === 'ready' ? text.content : undefined;
  const { html, blocks, provisional = false } = content ?? {};
  const picked = html === undefined ? null : pick(html, locale);

  const page = `${store.session.value?.run} ${pageKey(store.shown.value)}`;
  const lastPage = useRef(page);

  // Looked at while the old text still stands.
  const focused = root.current === null ? null : focusedButton(root.current);
  const open = root.current !== null && lastPage.current === page ? openHints(root.current) : [];
  // Before the text is painted: it would be seen without its buttons, and then move.
  useLayoutEffect(() => {
    if (root.current === null) return;
    lastPage.current = page;
    setOpenHints(root.current, open);
    decorate(root.current, blocks ?? [], words.commands, { run: canRun && !provisional, copy: !provisional });
    if (focused !== null) root.current.querySelector<HTMLElement>(focused)?.focus({ preventScroll: true });
  }, [picked?.text, blocks, words, canRun, provisional]);

  const act = async (event: MouseEvent): Promise<void> => {
    const target = event.target;
    if (!(target instanceof Element)) return;
    const action = blockAction(target);
    const button = target.closest<HTMLElement>('[data-action]');
    if (action === null || button === null || button.getAttribute('aria-disabled') === 'true') return;
    // A double click is one wish.
    if (action.type === 'run' && event.detail > 1) return;
    const done = action.type === 'run' ? await store.run(action.block) : await copyText(action.text);
    if (done) flash(button);
    if (action.type === 'copy') said.value = done ? words.commands.copied : words.commands.copyFailed;
    else said.value = done ? words.commands.ran(store.terminals.front.value ?? '') : '';
    const command = button.closest('.command');
    if (action.type === 'copy' && !done && command !== null) note(command, words.commands.copyFailed);
  };

  return (
    <div class="lesson-text">
      {text.status === 'loading' && (
        <p class="quiet" role="status">
          {words.common.loading}
        </p>
      )}
      {text.status === 'problem' && (
        <div class="notice" role="alert">
          <p>{words.lab.textProblem}</p>
          <p>{problemText(text.problem, locale)}</p>
          <button type="button" class="button" onClick={() => void store.readAgain()}>
            {words.common.tryAgain}
          </button>
        </div>
      )}
      {provisional && (store.phase.value === 'provisioning' || store.phase.value === 'queued') && (
        <p class="notice">{words.lab.provisional}</p>
      )}
      {picked !== null && picked.lang !== locale && (
        <p class="quiet">{words.lab.textIsIn(dictionaries[picked.lang].name)}</p>
      )}
      {picked !== null && (
        // What is pressed are the buttons within it, by pointer or keyboard alike.
        <div
          class="prose"
          ref={root}
          lang={picked.lang}
          onClick={(event) => void act(event)}
          dangerouslySetInnerHTML={{ __html: picked.text }}
        />
      )}
      <p class="visually-hidden" role="status">
        {said}
      </p>
    </div>
  );
}
