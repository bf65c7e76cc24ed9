import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { problemText } from '../i18n/pick.ts';
import type { Problem, Result } from '../state/problem.ts';
import { useApp } from '../ui/app-context.ts';

export type CodeFormProps = {
  label: string;
  enter: string;
  entering: string;
  /** What the link has brought. */
  code: string;
  /** Whether to try that at once. */
  atOnce: boolean;
  /** Resolves with what became of it; where it was right, the page is left. */
  submit: (code: string) => Promise<Result<null>>;
};

/** A field for a code, and what is wrong with the one in it. */
export function CodeForm({ label, enter, entering, code, atOnce, submit }: CodeFormProps) {
  const locale = useApp().preferences.locale.value;
  const field = useRef<HTMLInputElement>(null);
  const busy = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const send = async (): Promise<void> => {
    const given = field.current?.value.trim() ?? '';
    if (given === '') return field.current?.focus();
    if (busy.peek()) return;
    busy.value = true;
    const result = await submit(given);
    if (result.ok) return;
    busy.value = false;
    problem.value = result.problem;
    field.current?.focus();
    field.current?.select();
  };
  useEffect(() => {
    if (atOnce) void send();
    else field.current?.focus();
    // What the link has brought is tried once.
  }, []);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label for="code">{label}</label>
      <input
        ref={field}
        id="code"
        class="code-field"
        defaultValue={code}
        maxLength={128}
        autocomplete="off"
        autocapitalize="none"
        autocorrect="off"
        spellcheck={false}
        aria-invalid={problem.value !== null}
        aria-describedby={problem.value === null ? undefined : 'code-problem'}
        onInput={() => {
          problem.value = null;
        }}
      />
      {problem.value !== null && (
        <p id="code-problem" class="code-problem" role="alert">
          {problemText(problem.value, locale)}
        </p>
      )}
      <button type="submit" class="button is-primary" aria-disabled={busy.value} aria-busy={busy.value}>
        {busy.value ? entering : enter}
      </button>
    </form>
  );
}
