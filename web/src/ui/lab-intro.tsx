import { useEffect } from 'preact/hooks';
import type { ScenarioView } from '../../../server/protocol/index.ts';
import { LessonText } from '../lesson/lesson-text.tsx';
import type { LabStore } from '../state/lab-store.ts';
import { useLabWords } from './app-context.ts';
import { EngineNotice } from './engine-notice.tsx';
import { Localized } from './localized.tsx';
import { prepareLab } from './prepare-lab.ts';
import { StartButton } from './start-button.tsx';
import { useArrival } from './use-arrival.ts';

/** A lab before it is started: what it is about, what it will ask for, and Start. */
export function LabIntro({ store, scenario }: { store: LabStore; scenario: ScenarioView }) {
  const words = useLabWords(store);
  const heading = useArrival();
  // Before anybody waits for a prompt.
  useEffect(prepareLab, []);
  return (
    <main class="intro">
      <header class="intro-head">
        <h1 ref={heading} tabIndex={-1}>
          <Localized text={scenario.title} />
        </h1>
        <p class="lead">
          <Localized text={scenario.summary} />
        </p>
      </header>
      <aside class="intro-card">
        <p class="facts">
          {scenario.difficulty !== null && <span>{words.common.difficulties[scenario.difficulty]}</span>}
          <span>{words.common.minutes(scenario.minutes)}</span>
          <span>{words.common.hosts(scenario.hosts.length)}</span>
        </p>
        {scenario.unavailable === null ? (
          <>
            <StartButton store={store} label={words.lab.start} />
            <p class="quiet">{words.lab.startLead(words.common.hosts(scenario.hosts.length))}</p>
          </>
        ) : (
          <p class="notice scenario-unavailable">
            <Localized text={scenario.unavailable} />
          </p>
        )}
        {!scenario.ownHosts && <EngineNotice />}
        <h2>{words.lab.contents}</h2>
        <ol>
          {scenario.steps.map(({ id, title }) => (
            <li key={id}>
              <Localized text={title} />
            </li>
          ))}
        </ol>
      </aside>
      <article class="intro-text">
        <LessonText store={store} />
      </article>
    </main>
  );
}
