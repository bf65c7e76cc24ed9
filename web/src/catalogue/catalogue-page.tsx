import { useEffect, useMemo } from 'preact/hooks';
import type { ScenarioSummary } from '../../../server/protocol/index.ts';
import { problemText } from '../i18n/pick.ts';
import { CatalogueStore } from '../state/catalogue.ts';
import { paths } from '../state/router.ts';
import { useApp, useTitle, useWords } from '../ui/app-context.ts';
import { EngineNotice } from '../ui/engine-notice.tsx';
import { ArrowIcon } from '../ui/icons.tsx';
import { Localized } from '../ui/localized.tsx';
import { TopBar } from '../ui/top-bar.tsx';
import { useArrival } from '../ui/use-arrival.ts';

/** The labs that this server offers. */
export function CataloguePage() {
  const { api, engine } = useApp();
  const words = useWords();
  const store = useMemo(() => new CatalogueStore(api), [api]);
  // What the engine can run is known once it is ready.
  const ready = engine.status.value?.status === 'ready';
  useEffect(() => void store.load(), [store, ready]);
  const heading = useArrival();
  useTitle(words.catalogue.title);
  return (
    <div class="page">
      <TopBar />
      <main class="catalogue">
        <h1 ref={heading} tabIndex={-1}>
          {words.catalogue.title}
        </h1>
        <p class="lead">{words.catalogue.lead}</p>
        <EngineNotice />
        <Scenarios store={store} />
      </main>
    </div>
  );
}

function Scenarios({ store }: { store: CatalogueStore }) {
  const locale = useApp().preferences.locale.value;
  const words = useWords();
  const state = store.state.value;
  switch (state.status) {
    case 'loading':
      return (
        <p class="quiet" role="status">
          {words.common.loading}
        </p>
      );
    case 'problem':
      return (
        <div class="notice" role="alert">
          <p>{words.catalogue.problem}</p>
          <p>{problemText(state.problem, locale)}</p>
          <button type="button" class="button" onClick={() => void store.load()}>
            {words.common.tryAgain}
          </button>
        </div>
      );
    case 'ready':
      if (state.scenarios.length === 0) return <p class="notice">{words.catalogue.empty}</p>;
      return (
        <ul class="scenario-list">
          {state.scenarios.map((scenario) => (
            <ScenarioCard key={scenario.slug} scenario={scenario} />
          ))}
        </ul>
      );
    default:
      return state satisfies never;
  }
}

function ScenarioCard({ scenario }: { scenario: ScenarioSummary }) {
  const words = useWords();
  return (
    <li class="scenario">
      <h2>
        <a href={paths.lab(scenario.slug)}>
          <Localized text={scenario.title} />
        </a>
      </h2>
      <p>
        <Localized text={scenario.summary} />
      </p>
      {scenario.unavailable !== null && (
        <p class="notice scenario-unavailable">
          <Localized text={scenario.unavailable} />
        </p>
      )}
      <p class="facts">
        <span>{words.common.minutes(scenario.minutes)}</span>
        <span>{words.common.hosts(scenario.hosts.length)}</span>
        <span class="scenario-open" aria-hidden="true">
          {words.catalogue.open} <ArrowIcon />
        </span>
      </p>
    </li>
  );
}
