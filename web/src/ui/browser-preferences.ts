import { effect, signal } from '@preact/signals';
import { Preferences } from '../state/preferences.ts';

/** The preferences of this browser, which the document follows. */
export function browserPreferences(): Preferences {
  const darkQuery = matchMedia('(prefers-color-scheme: dark)');
  const systemDark = signal(darkQuery.matches);
  darkQuery.addEventListener('change', ({ matches }) => {
    systemDark.value = matches;
  });
  const preferences = new Preferences({
    storage: {
      // Through functions, since even to look at localStorage throws where storage is forbidden.
      getItem: (name) => localStorage.getItem(name),
      setItem: (name, value) => localStorage.setItem(name, value),
    },
    languages: navigator.languages,
    systemDark,
  });
  effect(() => {
    document.documentElement.dataset['theme'] = preferences.painted.value;
  });
  effect(() => {
    document.documentElement.lang = preferences.locale.value;
  });
  return preferences;
}
