import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { LabStore } from '../state/lab-store.ts';
import { useWords } from '../ui/app-context.ts';
import { Localized } from '../ui/localized.tsx';

/** Milliseconds after which what was spoken is taken away: who reads on would find it twice. */
const SPOKEN_FOR = 10_000;

/** Speaks what the checks of a step have found, once they have been made, to those who do not see the list. */
export function SpokenChecks({ store }: { store: LabStore }) {
  const words = useWords().checks;
  const spoken = useSignal(false);
  const checking = store.checking.value;
  const was = useRef(checking);

  useEffect(() => {
    // Where they could not be asked for, the problem is spoken instead.
    spoken.value = was.current && !checking && store.problem.peek() === null;
    was.current = checking;
    const timer = setTimeout(() => {
      spoken.value = false;
    }, SPOKEN_FOR);
    return () => clearTimeout(timer);
  }, [checking]);

  return (
    <div class="visually-hidden" role="status">
      {spoken.value &&
        store.checks.value.map(
          ({ text, state, reason, hint }, index) =>
            reason !== undefined && (
              <p key={index}>
                <Localized text={text} />: {words.states[state]}. <Localized text={reason} />
                {hint !== undefined && (
                  <>
                    {' '}
                    {words.hint}: <Localized text={hint} />
                  </>
                )}
              </p>
            ),
        )}
    </div>
  );
}
