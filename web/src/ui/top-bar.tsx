import type { ComponentChildren } from 'preact';
import { DeviceButton } from '../devices/device-button.tsx';
import { dictionaries } from '../i18n/pick.ts';
import { THEMES } from '../state/preferences.ts';
import { paths } from '../state/router.ts';
import { useApp, useWords } from './app-context.ts';
import { Mark, ThemeIcon } from './icons.tsx';

export type TopBarProps = {
  title?: ComponentChildren;
  children?: ComponentChildren;
  /** For whoever has not been let in yet: nothing there is theirs. */
  bare?: boolean;
};

/** The head of every page: the way home, the page's title, what can be done with it, language and theme. */
export function TopBar({ title, children, bare = false }: TopBarProps) {
  const words = useWords();
  return (
    <header class="top-bar">
      <a class="brand" href={paths.catalogue()} title={words.common.toCatalogue}>
        <Mark />
        <span class="brand-name">Drydock</span>
      </a>
      {title !== undefined && <p class="top-title">{title}</p>}
      {children !== undefined && <div class="top-actions">{children}</div>}
      <div class="top-tools">
        {!bare && <DeviceButton />}
        <LanguageButton />
        <ThemeButton />
      </div>
    </header>
  );
}

/** With two languages, a button that names the other one is quicker than a menu. */
function LanguageButton() {
  const { preferences } = useApp();
  const other = preferences.locale.value === 'en' ? 'zh-CN' : 'en';
  return (
    <button type="button" class="tool" lang={other} onClick={() => preferences.setLocale(other)}>
      {other === 'en' ? dictionaries.en.name : '中文'}
    </button>
  );
}

function ThemeButton() {
  const { preferences } = useApp();
  const words = useWords();
  const theme = preferences.theme.value;
  const following = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  const name = `${words.common.theme}: ${words.common.themes[theme]}`;
  return (
    <button
      type="button"
      class="tool tool-icon"
      aria-label={name}
      title={name}
      onClick={() => preferences.setTheme(following)}
    >
      <ThemeIcon theme={theme} />
    </button>
  );
}
