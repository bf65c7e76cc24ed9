import type { LabStore } from '../state/lab-store.ts';
import type { CheckRow } from '../state/lab-view.ts';
import { useWords } from '../ui/app-context.ts';
import { TickIcon, WarningIcon } from '../ui/icons.tsx';
import { Localized } from '../ui/localized.tsx';

/** What the step asks for, and how each of it stands. */
export function CheckList({ store }: { store: LabStore }) {
  const words = useWords();
  const rows = store.checks.value;
  if (rows.length === 0) return null;
  return (
    <section class="checks" aria-labelledby="checks-title">
      <h2 id="checks-title">{words.checks.title}</h2>
      <ul>
        {rows.map((row, index) => (
          <Row key={index} row={row} />
        ))}
      </ul>
    </section>
  );
}

function Row({ row }: { row: CheckRow }) {
  const words = useWords();
  return (
    <li class={`check is-${row.state}`}>
      <span class="check-mark" aria-hidden="true">
        {row.state === 'pass' && <TickIcon />}
        {row.state === 'error' && <WarningIcon />}
      </span>
      <div class="check-body">
        <p class="check-text">
          <Localized text={row.text} /> <span class="check-state">{words.checks.states[row.state]}</span>
        </p>
        {row.reason !== undefined && (
          <p class="check-reason">
            <Localized text={row.reason} />
          </p>
        )}
        {row.hint !== undefined && (
          <p class="check-hint">
            <b>{words.checks.hint}</b> <Localized text={row.hint} />
          </p>
        )}
      </div>
    </li>
  );
}
