import type { ComponentChildren } from 'preact';
import { accessWords } from '../i18n/access.ts';
import type { AccessApi } from '../state/access-api.ts';
import { tellOtherTabs } from '../state/other-tabs.ts';
import { useApp, useTitle } from '../ui/app-context.ts';
import { TopBar } from '../ui/top-bar.tsx';
import { CodeForm } from './code-form.tsx';

export type DoorProps = {
  api: AccessApi;
  /** The code that came with the link; empty where none did. */
  code: string;
  /** Leave for the page that was asked for, or for the one given. */
  leave: (path?: string) => void;
};

/** Asks for the access code, in the place of whatever page was asked for. */
export function AccessPage({ api, code, leave }: DoorProps) {
  const words = accessWords[useApp().preferences.locale.value].door;
  return (
    <Door title={words.title} lead={words.lead}>
      <CodeForm
        label={words.code}
        enter={words.enter}
        entering={words.entering}
        code={code}
        atOnce={code !== ''}
        submit={async (given) => {
          const result = await api.enter(given);
          if (result.ok) leave();
          return result;
        }}
      />
    </Door>
  );
}

/**
 * Takes the code of another device. It waits to be asked: a link from somebody else must not make this browser theirs
 * unawares.
 */
export function JoinPage({ api, code, leave }: DoorProps) {
  const words = accessWords[useApp().preferences.locale.value].join;
  return (
    <Door title={words.title} lead={words.lead}>
      <CodeForm
        label={words.code}
        enter={words.enter}
        entering={words.entering}
        code={code}
        atOnce={false}
        submit={async (given) => {
          const result = await api.join(given);
          if (result.ok) {
            tellOtherTabs();
            leave('/');
          }
          return result;
        }}
      />
      <p class="quiet">{words.leaves}</p>
    </Door>
  );
}

function Door({ title, lead, children }: { title: string; lead: string; children: ComponentChildren }) {
  useTitle(title);
  return (
    <div class="page">
      <TopBar bare />
      <main class="door">
        <div class="door-card">
          <h1>{title}</h1>
          <p class="lead">{lead}</p>
          {children}
        </div>
      </main>
    </div>
  );
}
