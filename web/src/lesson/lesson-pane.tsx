import { useEffect, useRef } from 'preact/hooks';
import type { LabStore } from '../state/lab-store.ts';
import { pageKey } from '../state/lab-view.ts';
import { paths } from '../state/router.ts';
import { useLabWords, useWords } from '../ui/app-context.ts';
import { ArrowIcon } from '../ui/icons.tsx';
import { Localized } from '../ui/localized.tsx';
import { useArrival } from '../ui/use-arrival.ts';
import { CheckList } from './check-list.tsx';
import { LessonText } from './lesson-text.tsx';
import { StepTimes } from './step-times.tsx';
import { SpokenChecks } from './spoken-checks.tsx';

/** The left half: the page that is read, its checks, and the way on. */
export function LessonPane({ store }: { store: LabStore }) {
  const words = useWords();
  const scroller = useRef<HTMLDivElement>(null);
  const heading = useArrival();
  const key = pageKey(store.shown.value);
  // The first step of a lab that is started again is another page than that of the run before.
  const place = `${store.session.value?.run} ${key}`;
  const previous = useRef(place);

  useEffect(() => {
    if (previous.current === place) return;
    previous.current = place;
    scroller.current?.scrollTo(0, 0);
    // A terminal that is typed into keeps the keyboard; a learner who pressed Next goes on at the new title.
    if (!document.activeElement?.closest('.terminals')) {
      heading.current?.focus({ preventScroll: true });
    }
  }, [place]);

  const check = async (): Promise<void> => {
    showChecks(scroller.current);
    await store.check();
    // The reasons take more room than the question did.
    requestAnimationFrame(() => showChecks(scroller.current));
  };

  return (
    <section class="lesson" aria-label={words.lab.text}>
      <div class="lesson-scroll" id="lesson-text" ref={scroller} tabIndex={-1}>
        <article>
          <h1 ref={heading} tabIndex={-1}>
            <PageTitle store={store} />
          </h1>
          <LessonText store={store} />
          <CheckList store={store} />
          {store.shown.value.kind === 'finish' && <StepTimes store={store} />}
        </article>
      </div>
      <SpokenChecks key={place} store={store} />
      <Actions store={store} check={() => void check()} />
    </section>
  );
}

function showChecks(scroller: HTMLElement | null): void {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const checks = scroller?.querySelector('.checks');
  checks?.scrollIntoView({ block: 'nearest', behavior: calm ? 'auto' : 'smooth' });
}

function PageTitle({ store }: { store: LabStore }) {
  const words = useWords();
  const shown = store.stations.value.find((station) => station.shown);
  if (shown?.title) return <Localized text={shown.title} />;
  const scenario = store.scenario.value;
  if (shown?.page.kind === 'finish') return <>{words.lab.finish}</>;
  return scenario === null ? null : <Localized text={scenario.title} />;
}

function Actions({ store, check }: { store: LabStore; check: () => void }) {
  const words = useLabWords(store);
  const gate = store.gate.value;
  const rows = store.checks.value;
  const checking = store.checking.value;
  if (store.shown.value.kind === 'finish') {
    return (
      <div class="lesson-actions">
        <p class="lesson-status">{store.phase.value === 'finished' ? words.lab.finished : ''}</p>
        <a class="button is-primary" href={paths.catalogue()}>
          {words.common.toCatalogue}
        </a>
      </div>
    );
  }
  const blocked = gate.open ? words.checks.goOn : words.checks.blocked[checking ? 'checking' : gate.why];
  const done = rows.filter(({ state }) => state === 'pass').length;
  return (
    <div class="lesson-actions">
      <p class="lesson-status" role="status" id="next-reason">
        {rows.length > 0 && <strong>{words.checks.summary(done, rows.length)}</strong>} {blocked}
      </p>
      {rows.length > 0 && (
        <button
          type="button"
          class={gate.open ? 'button' : 'button is-primary'}
          // Not `disabled`: while it checks, and when all has passed, the keyboard's focus stays on it.
          aria-disabled={!store.canCheck.value}
          aria-busy={checking}
          onClick={check}
        >
          {words.checks.check}
        </button>
      )}
      <button
        type="button"
        class={gate.open ? 'button is-primary' : 'button'}
        disabled={!gate.open}
        aria-describedby={gate.open ? undefined : 'next-reason'}
        onClick={() => void store.next()}
      >
        {words.checks.next} <ArrowIcon />
      </button>
    </div>
  );
}
