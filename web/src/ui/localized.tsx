import type { LocalizedText } from '../../../server/protocol/index.ts';
import { pick } from '../i18n/pick.ts';
import { useApp } from './app-context.ts';

/** A scenario's or the server's words, marked as the language that they are in. */
export function Localized({ text }: { text: LocalizedText }) {
  const locale = useApp().preferences.locale.value;
  const picked = pick(text, locale);
  return picked.lang === locale ? <>{picked.text}</> : <span lang={picked.lang}>{picked.text}</span>;
}
