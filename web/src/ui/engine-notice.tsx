import { useEffect } from 'preact/hooks';
import type { EngineStage, EngineStatus, LocalizedText } from '../../../server/protocol/index.ts';
import type { Dictionary } from '../i18n/en.ts';
import { problemText } from '../i18n/pick.ts';
import { useApp, useWords } from './app-context.ts';
import { TickIcon } from './icons.tsx';
import { Localized } from './localized.tsx';

type Preparing = Extract<EngineStatus, { status: 'preparing' }>;

/** On a page without a socket: how far the engine is, or why there is none; once it is ready, what it does not keep. */
export function EngineNotice() {
  const { engine, preferences } = useApp();
  const words = useWords().engine;
  useEffect(() => engine.watch(), [engine]);
  const status = engine.status.value;
  const problem = engine.problem.value;
  if (status === null) return null;
  if (status.status === 'ready') return <Limits limits={status.limits} />;
  if (status.status === 'failed') {
    return (
      <div class="notice engine-failed" role="alert">
        <h2>{words.failedTitle}</h2>
        <p class="engine-reason">
          <Localized text={status.reason} />
        </p>
        <p class="quiet">{words.failedNext}</p>
      </div>
    );
  }
  if (problem !== null) {
    return (
      <p class="notice" role="alert">
        {problemText(problem, preferences.locale.value)}
      </p>
    );
  }
  const title = preparingTitle(status, words);
  return (
    <section class="engine-notice" aria-label={title}>
      <p class="engine-head">
        <strong>{title}</strong>
        <TimeLeft seconds={status.secondsLeft} />
      </p>
      <StageBar status={status} />
      <p class="quiet">{status.again ? words.againMeanwhile : words.meanwhile}</p>
    </section>
  );
}

/** What is not kept from labs on this engine, for whoever wants to know. */
function Limits({ limits }: { limits: readonly LocalizedText[] }) {
  const words = useWords().engine;
  if (limits.length === 0) return null;
  return (
    <details class="engine-limits quiet">
      <summary>{words.limits}</summary>
      <ul>
        {limits.map((limit, index) => (
          <li key={index}>
            <Localized text={limit} />
          </li>
        ))}
      </ul>
    </details>
  );
}

/** What is being done, and why where that is not plain. */
export const preparingTitle = ({ again }: Preparing, words: Dictionary['engine']): string =>
  again ? words.again : words.preparing;

/** How long it will take, in words as round as the estimate is. */
export function TimeLeft({ seconds }: { seconds: number | null }) {
  const words = useWords().engine;
  if (seconds === null) return null;
  return <span class="engine-left">{words.left(seconds)}</span>;
}

function StageBar({ status: { stages } }: { status: Preparing }) {
  const words = useWords().engine;
  const now = stages.findIndex(({ state }) => state === 'now');
  const stage = stages[now];
  return (
    <>
      <div class="stage-bar" aria-hidden="true">
        {stages.map(({ id, state }) => (
          <span key={id} class={`is-${state}`} />
        ))}
      </div>
      <p class="engine-stage" role="status">
        {stage !== undefined && (
          <>
            {words.stage(now + 1, stages.length)}
            <Localized text={stage.name} />
          </>
        )}
      </p>
    </>
  );
}

/** Every stage, with what is being done now. */
export function EngineStages({ stages }: { stages: readonly EngineStage[] }) {
  const words = useWords().engine;
  return (
    <ol class="hosts stages">
      {stages.map(({ id, name, state }) => (
        <li key={id} class={`host is-${state}`} aria-current={state === 'now' ? 'step' : undefined}>
          <span class="host-mark" aria-hidden="true">
            {state === 'done' && <TickIcon />}
          </span>
          <span>
            <Localized text={name} />
          </span>
          <span class="visually-hidden">({words.states[state]})</span>
        </li>
      ))}
    </ol>
  );
}
