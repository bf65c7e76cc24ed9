import type { ComponentChildren, RefObject } from 'preact';
import type { EndReason, HostProgress, LocalizedText, SessionView } from '../../../server/protocol/index.ts';
import { canRevive } from '../../../server/protocol/revival.ts';
import type { LabStore } from '../state/lab-store.ts';
import { useApp, useLabWords, useWords } from './app-context.ts';
import { EngineStages, preparingTitle, TimeLeft } from './engine-notice.tsx';
import { TickIcon } from './icons.tsx';
import { Localized } from './localized.tsx';
import { ResetLab } from './reset-lab.tsx';
import { StartButton } from './start-button.tsx';
import { useArrival } from './use-arrival.ts';

/** What stands in the terminals' place while there are none: hosts coming up, or why they are gone. */
export function LabStatus({ store }: { store: LabStore }) {
  const words = useLabWords(store);
  const session = store.session.value;
  const engine = useApp().engine.status.value;
  if (engine?.status === 'failed') return <EngineFailed reason={engine.reason} />;
  if (store.phase.value === 'lost') {
    return (
      <OverCard
        key="lost"
        store={store}
        title={words.lab.lostTitle}
        text={<span role="alert">{words.lab.lostText}</span>}
      />
    );
  }
  switch (session?.status) {
    case 'queued':
      return <QueueCard store={store} session={session} />;
    case 'provisioning':
      return (
        <Card
          title={
            engine?.status === 'preparing'
              ? preparingTitle(engine, words.engine)
              : words.lab.provisioningTitle
          }
          text={engine?.status === 'preparing' ? words.engine.thenHosts : words.lab.provisioningText}
        >
          {engine?.status === 'preparing' && (
            <>
              <TimeLeft seconds={engine.secondsLeft} />
              <EngineStages stages={engine.stages} />
            </>
          )}
          <Hosts hosts={session.hosts} />
        </Card>
      );
    case 'failed':
      return (
        <OverCard
          key="failed"
          store={store}
          title={words.lab.failedTitle}
          text={
            <span role="alert">
              <Localized text={session.reason} />
            </span>
          }
        />
      );
    case 'ended':
      return <EndedCard key={session.why} store={store} why={session.why} />;
    case 'ready':
    case 'finished':
    case undefined:
      // The page's banner says what to do.
      if (store.connection.state.value === 'given-up') return <Card title={words.terminals.closed} />;
      return <Card title={words.terminals.opening} />;
    default:
      return session satisfies never;
  }
}

/** Why no lab can run. There is nothing to press: whoever runs Drydock has to start it again. */
function EngineFailed({ reason }: { reason: LocalizedText }) {
  const words = useWords();
  const heading = useArrival();
  return (
    <Card
      title={words.engine.failedTitle}
      text={
        <span class="engine-reason" role="alert">
          <Localized text={reason} />
        </span>
      }
      heading={heading}
    >
      <p class="quiet">{words.engine.failedNext}</p>
    </Card>
  );
}

type Queued = Extract<SessionView, { status: 'queued' }>;

/** Whose turn it is not yet, and when it will be. */
function QueueCard({ store, session }: { store: LabStore; session: Queued }) {
  const words = useWords().lab;
  const { place, awayAfter } = session;
  const minutes = awayAfter === null ? null : Math.max(1, Math.floor(awayAfter / 60_000));
  return (
    <Card title={words.queuedTitle(place)} text={words.queuedText(minutes)}>
      <p class="visually-hidden" role="status">
        {words.queuedTitle(place)}
      </p>
      <button
        type="button"
        class="button"
        aria-disabled={store.pending.value?.what === 'end'}
        onClick={() => void store.end()}
      >
        {words.leaveQueue}
      </button>
    </Card>
  );
}

function EndedCard({ store, why }: { store: LabStore; why: EndReason }) {
  const { title, text } = useLabWords(store).lab.endings[why];
  return <OverCard store={store} title={title} text={text} />;
}

/** Why the lab is over, and the way to start it again. Its title takes over the focus of what went with the lab. */
function OverCard(props: { store: LabStore; title: string; text: ComponentChildren }) {
  const words = useWords();
  const heading = useArrival();
  return (
    <Card title={props.title} text={props.text} heading={heading}>
      {canRevive(props.store.session.value) ? (
        <div class="actions">
          <ResetLab store={props.store} isMain />
          <StartButton store={props.store} label={words.lab.startAgain} isOther />
        </div>
      ) : (
        <StartButton store={props.store} label={words.lab.startAgain} />
      )}
    </Card>
  );
}

function Card(props: {
  title: string;
  text?: ComponentChildren;
  heading?: RefObject<HTMLHeadingElement | null>;
  children?: ComponentChildren;
}) {
  return (
    <div class="status-card">
      <h2 ref={props.heading ?? null} tabIndex={-1}>
        {props.title}
      </h2>
      {props.text !== undefined && <p>{props.text}</p>}
      {props.children}
    </div>
  );
}

function Hosts({ hosts }: { hosts: readonly HostProgress[] }) {
  const words = useWords();
  return (
    <ul class="hosts" aria-live="polite">
      {hosts.map(({ host, state }) => (
        <li key={host} class={`host is-${state}`}>
          <span class="host-mark" aria-hidden="true">
            {state === 'ready' && <TickIcon />}
          </span>
          <span class="host-name">{host}</span>
          <span class="host-state">{words.lab.hostStates[state]}</span>
        </li>
      ))}
    </ul>
  );
}
