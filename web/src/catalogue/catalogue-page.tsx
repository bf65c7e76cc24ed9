import { useEffect, useMemo } from 'preact/hooks';
import type { CatalogueEntry } from '../../../server/protocol/index.ts';
import { problemText } from '../i18n/pick.ts';
import { CatalogueStore } from '../state/catalogue.ts';
import { paths } from '../state/router.ts';
import { useApp, useTitle, useWords } from '../ui/app-context.ts';
import { EngineNotice } from '../ui/engine-notice.tsx';
import { ArrowIcon, SearchIcon, TickIcon } from '../ui/icons.tsx';
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
        <p class="lead">{words.catalogue[store.hasOwnHosts.value ? 'leadWithOwn' : 'lead']}</p>
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
        <>
          {store.searchable.value && <CatalogueSearch store={store} />}
          <ul class="scenario-list">
            {store.found.value.map((scenario) => (
              <ScenarioCard key={scenario.slug} scenario={scenario} />
            ))}
          </ul>
        </>
      );
    default:
      return state satisfies never;
  }
}

function CatalogueSearch({ store }: { store: CatalogueStore }) {
  const words = useWords().catalogue;
  const query = store.query.value;
  return (
    <div class="catalogue-search" role="search">
      <SearchIcon />
      <input
        type="search"
        value={query}
        aria-label={words.search}
        placeholder={words.search}
        onInput={({ currentTarget }) => store.search(currentTarget.value)}
      />
      <p class="quiet" role="status">
        {query.trim() === '' ? '' : words.found(store.found.value.length)}
      </p>
    </div>
  );
}

/** How far the learner is with a lab. */
function Progress({ progress }: Pick<CatalogueEntry, 'progress'>) {
  const words = useWords().catalogue;
  if (progress === null) return <span>{words.notBegun}</span>;
  const { state, step, steps } = progress;
  if (state !== 'finished') {
    return (
      <span class={`lab-progress is-${state}`}>
        {words[state === 'open' ? 'at' : 'stopped'](step, steps)}
      </span>
    );
  }
  return (
    <span class="lab-progress is-finished">
      <TickIcon /> {words.finished}
    </span>
  );
}

function ScenarioCard({ scenario }: { scenario: CatalogueEntry }) {
  const words = useWords();
  const { progress } = scenario;
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
      {scenario.ownHosts && <p class="quiet">{words.catalogue.ownHosts}</p>}
      {scenario.unavailable !== null && (
        <p class="notice scenario-unavailable">
          <Localized text={scenario.unavailable} />
        </p>
      )}
      <p class="facts">
        <Progress progress={progress} />
        {scenario.difficulty !== null && <span>{words.common.difficulties[scenario.difficulty]}</span>}
        <span>{words.common.minutes(scenario.minutes)}</span>
        <span>{words.common.hosts(scenario.hosts.length)}</span>
        <span class="scenario-open" aria-hidden="true">
          {progress !== null && progress.state !== 'finished' ? words.catalogue.goOn : words.catalogue.open}{' '}
          <ArrowIcon />
        </span>
      </p>
    </li>
  );
}
