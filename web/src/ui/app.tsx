import { CataloguePage } from '../catalogue/catalogue-page.tsx';
import { useApp, useWords } from './app-context.ts';
import { LabPage } from './lab-page.tsx';
import { MessagePage } from './message-page.tsx';

/** The page that the address names. */
export function Pages() {
  const route = useApp().router.route.value;
  const words = useWords();
  switch (route.page) {
    case 'catalogue':
      return <CataloguePage />;
    case 'lab':
      return <LabPage key={route.slug} slug={route.slug} />;
    case 'not-found':
      return <MessagePage title={words.notFound.title} text={words.notFound.text} />;
    default:
      return route satisfies never;
  }
}
