import { useEffect, useRef } from 'preact/hooks';
import type { LabStore } from '../state/lab-store.ts';
import { pageKey, type Station } from '../state/lab-view.ts';
import { useWords } from '../ui/app-context.ts';
import { LockIcon, TickIcon } from '../ui/icons.tsx';
import { Localized } from '../ui/localized.tsx';

/** The lab's pages in their order, how far the learner is, and the way back to what was read. */
export function ProgressLine({ store }: { store: LabStore }) {
  const words = useWords();
  const line = useRef<HTMLElement>(null);
  const shown = pageKey(store.shown.value);
  // On a narrow window the line is longer than the page is wide.
  useEffect(() => {
    const current = line.current?.querySelector('[aria-current]');
    current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [shown]);
  return (
    <nav ref={line} class="progress" aria-label={words.lab.progress}>
      <ol>
        {store.stations.value.map((station, index) => (
          <li
            key={pageKey(station.page)}
            class={`station is-${station.state} is-${station.page.kind}${station.shown ? ' is-shown' : ''}`}
          >
            <button
              type="button"
              disabled={station.state === 'locked'}
              aria-current={station.shown ? 'step' : undefined}
              onClick={() => store.show(station.page)}
            >
              <StationMark station={station} number={index} />
              <span class="station-title">
                <StationTitle station={station} />
              </span>
              <span class="visually-hidden">({words.lab.stationState[station.state]})</span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}

function StationMark({ station, number }: { station: Station; number: number }) {
  return (
    <span class="station-mark" aria-hidden="true">
      {station.state === 'passed' && <TickIcon />}
      {station.state !== 'passed' && station.page.kind === 'step' && number}
      {station.state === 'locked' && station.page.kind !== 'step' && <LockIcon />}
      {station.state === 'open' && station.page.kind !== 'step' && '•'}
    </span>
  );
}

function StationTitle({ station }: { station: Station }) {
  const words = useWords();
  if (station.title !== null) return <Localized text={station.title} />;
  return <>{station.page.kind === 'intro' ? words.lab.intro : words.lab.finish}</>;
}
