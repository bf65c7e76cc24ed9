import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Slug } from '../../../server/protocol/index.ts';
import { pick, problemText } from '../i18n/pick.ts';
import { ProgressLine } from '../lesson/progress-line.tsx';
import { LabStore } from '../state/lab-store.ts';
import { useApp, useTitle, useWords } from './app-context.ts';
import { EndLab } from './end-lab.tsx';
import { LabTime, TimeBanner } from './lab-time.tsx';
import { LabIntro } from './lab-intro.tsx';
import { Localized } from './localized.tsx';
import { MessagePage } from './message-page.tsx';
import { prefetchLab } from './prepare-lab.ts';
import { ResetLab } from './reset-lab.tsx';
import { TopBar } from './top-bar.tsx';
import { Workspace, type View } from './workspace.tsx';

/** A lab, from its introduction to its finish. */
export function LabPage({ slug }: { slug: Slug }) {
  const { api, connect, engine } = useApp();
  const words = useWords();
  const locale = useApp().preferences.locale.value;
  const store = useMemo(() => new LabStore({ slug, api, connect, engine }), [slug, api, connect, engine]);
  useEffect(() => {
    void store.open();
    return () => store.dispose();
  }, [store]);

  const scenario = store.scenario.value;
  const station = store.stations.value.find(({ shown }) => shown);
  useTitle(
    station?.title ? pick(station.title, locale).text : '',
    scenario === null ? '' : pick(scenario.title, locale).text,
  );

  switch (store.phase.value) {
    case 'not-found':
      return <MessagePage title={words.lab.notFoundTitle} text={words.lab.notFoundText(slug)} />;
    case 'unavailable':
      return (
        <MessagePage
          title={words.lab.unavailableTitle}
          text={store.loadProblem === null ? '' : problemText(store.loadProblem, locale)}
        >
          <button type="button" class="button is-primary" onClick={() => void store.open()}>
            {words.common.tryAgain}
          </button>
        </MessagePage>
      );
    case 'loading':
      return (
        <div class="page">
          <TopBar />
          <main class="message-page">
            <p class="quiet" role="status">
              {words.common.loading}
            </p>
          </main>
        </div>
      );
    case 'intro':
      return (
        <div class="page">
          <TopBar />
          {scenario !== null && <LabIntro store={store} scenario={scenario} />}
        </div>
      );
    case 'queued':
    case 'provisioning':
    case 'ready':
    case 'finished':
    case 'failed':
    case 'ended':
    case 'lost':
      return <RunningLab store={store} />;
    default:
      return store.phase.value satisfies never;
  }
}

/** Once started, the page is one screen: nothing of it scrolls but its parts. */
function RunningLab({ store }: { store: LabStore }) {
  const words = useWords();
  const view = useSignal<View>('text');
  const scenario = store.scenario.value;
  const phase = store.phase.value;
  const canReset = phase === 'ready' || phase === 'finished';
  const canEnd = phase === 'provisioning' || phase === 'ready' || phase === 'finished';

  // Also where the lab has been running before this page was opened.
  useEffect(prefetchLab, []);

  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      // The terminals have this key too, for the way back; what they have taken is not ours.
      if (event.defaultPrevented || event.key !== 'F6' || !(event.ctrlKey || event.altKey)) return;
      event.preventDefault();
      store.terminals.focus();
    };
    // Of the whole document: where nothing has the focus, a key reaches none of our elements.
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  }, [store]);

  return (
    <div class="lab">
      <a class="skip-link" href="#lesson-text">
        {words.common.skipToText}
      </a>
      <TopBar title={scenario === null ? undefined : <Localized text={scenario.title} />}>
        <LabTime store={store} />
        {canReset && <ResetLab store={store} />}
        {canEnd && <EndLab store={store} />}
      </TopBar>
      <ProgressLine store={store} />
      <Banners store={store} />
      <Workspace store={store} view={view} />
    </div>
  );
}

/** What is wrong right now. All that was on the page stays under it. */
function Banners({ store }: { store: LabStore }) {
  const { engine, preferences } = useApp();
  const locale = preferences.locale.value;
  const words = useWords();
  const problem = store.problem.value;
  const phase = store.phase.value;
  const session = store.session.value;
  const isFrozen = (session?.status === 'ready' || session?.status === 'finished') && session.frozen;
  // Where the lab must be started again, or Drydock itself, it is said there what went wrong.
  const told =
    engine.status.value?.status === 'failed' || phase === 'failed' || phase === 'ended' || phase === 'lost';
  return (
    <div class="banners">
      <TimeBanner store={store} />
      {isFrozen && !told && store.connection.state.value === 'online' && (
        <p class="banner is-waiting" role="status">
          {words.lab.waking}
        </p>
      )}
      {store.connection.state.value === 'reconnecting' && !told && (
        <p class="banner is-waiting" role="status">
          {words.lab.reconnecting}
        </p>
      )}
      {store.connection.state.value === 'delayed' && !told && (
        <p class="banner is-waiting" role="status">
          {words.lab.delayed}
        </p>
      )}
      {store.connection.state.value === 'given-up' && !told && (
        <p class="banner is-problem" role="alert">
          {words.lab.givenUp}
        </p>
      )}
      {problem !== null && !told && (
        <div class="banner is-problem" role="alert">
          <p>{problemText(problem, locale)}</p>
          <button type="button" class="tool" onClick={() => store.dismissProblem()}>
            {words.common.dismiss}
          </button>
        </div>
      )}
    </div>
  );
}
