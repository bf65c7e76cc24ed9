import { createContext } from 'preact';
import { useContext, useEffect } from 'preact/hooks';
import type { Dictionary } from '../i18n/en.ts';
import { dictionaries } from '../i18n/pick.ts';
import type { Api } from '../state/api.ts';
import type { EngineStore } from '../state/engine-store.ts';
import type { ConnectLab } from '../state/lab-socket.ts';
import type { LabStore } from '../state/lab-store.ts';
import type { Preferences } from '../state/preferences.ts';
import type { Router } from '../state/router.ts';

/** What every page may use. Made once, in main. */
export type App = {
  api: Api;
  connect: ConnectLab;
  engine: EngineStore;
  preferences: Preferences;
  router: Router;
};

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error('AppContext has no provider above this component');
  return app;
}

/** The page's words in the language of the moment. */
export const useWords = (): Dictionary => dictionaries[useApp().preferences.locale.value];

/** The same on a lab's page: they say other things of it where its hosts are machines that exist already. */
export function useLabWords({ scenario }: Pick<LabStore, 'scenario'>): Dictionary {
  const words = useWords();
  if (scenario.value?.ownHosts !== true) return words;
  const { lab, labOnOwnHosts: own } = words;
  return { ...words, lab: { ...lab, ...own, endings: { ...lab.endings, ...own.endings } } };
}

/** Name the browser's tab. */
export function useTitle(...parts: readonly string[]): void {
  const title = [...parts.filter((part) => part !== ''), 'Drydock'].join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
}
