import type { ComponentChildren } from 'preact';
import type { HostProgress } from '../../../server/protocol/index.ts';
import type { LabStore } from '../state/lab-store.ts';
import { useWords } from './app-context.ts';
import { TickIcon } from './icons.tsx';
import { StartButton } from './lab-intro.tsx';
import { Localized } from './localized.tsx';

/** What stands in the terminals' place while there are none: hosts coming up, or why they are gone. */
export function LabStatus({ store }: { store: LabStore }) {
  const words = useWords();
  const session = store.session.value;
  if (store.phase.value === 'lost') {
    return (
      <Card title={words.lab.lostTitle} text={words.lab.lostText}>
        <StartButton store={store} label={words.lab.startAgain} />
      </Card>
    );
  }
  switch (session?.status) {
    case 'provisioning':
      return (
        <Card title={words.lab.provisioningTitle} text={words.lab.provisioningText}>
          <Hosts hosts={session.hosts} />
        </Card>
      );
    case 'failed':
      return (
        <Card title={words.lab.failedTitle} text={<Localized text={session.reason} />}>
          <StartButton store={store} label={words.lab.startAgain} />
        </Card>
      );
    case 'ended':
      return (
        <Card title={words.lab.endedTitle} text={words.lab.endedText}>
          <StartButton store={store} label={words.lab.startAgain} />
        </Card>
      );
    case 'ready':
    case 'finished':
    case undefined:
      return <Card title={words.terminals.opening} text="" />;
    default:
      return session satisfies never;
  }
}

function Card(props: { title: string; text: ComponentChildren; children?: ComponentChildren }) {
  return (
    <div class="status-card">
      <h2>{props.title}</h2>
      <p>{props.text}</p>
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
