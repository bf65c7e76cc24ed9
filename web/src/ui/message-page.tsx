import type { ComponentChildren } from 'preact';
import { paths } from '../state/router.ts';
import { useTitle, useWords } from './app-context.ts';
import { TopBar } from './top-bar.tsx';
import { useArrival } from './use-arrival.ts';

/** A page that has only something to say, and the way back to the labs. */
export function MessagePage({
  title,
  text,
  children,
}: {
  title: string;
  text: string;
  children?: ComponentChildren;
}) {
  const words = useWords();
  const heading = useArrival();
  useTitle(title);
  return (
    <div class="page">
      <TopBar />
      <main class="message-page">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <p>{text}</p>
        <p class="actions">
          {children}
          <a class="button" href={paths.catalogue()}>
            {words.common.toCatalogue}
          </a>
        </p>
      </main>
    </div>
  );
}
