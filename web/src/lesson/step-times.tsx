import type { LabStore } from '../state/lab-store.ts';
import { timeTaken } from '../state/lab-view.ts';
import { useWords } from '../ui/app-context.ts';
import { TickIcon } from '../ui/icons.tsx';
import { Localized } from '../ui/localized.tsx';

/** What was done, and how long each step took. */
export function StepTimes({ store }: { store: LabStore }) {
  const words = useWords().checks;
  const scenario = store.scenario.value;
  const session = store.session.value;
  if (scenario === null || session === null) return null;
  const steps = session.steps.map((step, index) => ({
    ...step,
    title: scenario.steps[index]?.title ?? {},
    taken: timeTaken(step),
  }));
  const opened = steps.flatMap(({ openedAt, taken }) =>
    taken === null || openedAt === null ? [] : openedAt,
  );
  const passed = steps.flatMap(({ passedAt, taken }) =>
    taken === null || passedAt === null ? [] : passedAt,
  );
  return (
    <section class="step-times" aria-labelledby="step-times-title">
      <h2 id="step-times-title">{words.taken}</h2>
      <ol>
        {steps.map(({ id, title, taken }) => (
          <li key={id}>
            <span class="step-mark" aria-hidden="true">
              <TickIcon />
            </span>
            <span class="step-title">
              <Localized text={title} />
            </span>
            <span class="step-time">{taken !== null && words.took(seconds(taken))}</span>
          </li>
        ))}
      </ol>
      {opened.length > 1 && (
        <p>
          <span>{words.all}</span>
          <span class="step-time">{words.took(seconds(Math.max(...passed) - Math.min(...opened)))}</span>
        </p>
      )}
    </section>
  );
}

/** What was done faster than a second took one. */
const seconds = (milliseconds: number): number => Math.max(1, Math.round(milliseconds / 1000));
