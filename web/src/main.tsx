import { render } from 'preact';
import { createApi } from './state/api.ts';
import { EngineStore } from './state/engine-store.ts';
import { onJoined } from './state/other-tabs.ts';
import { Router } from './state/router.ts';
import { connectSocketIo } from './state/socket-io.ts';
import { AppContext } from './ui/app-context.ts';
import { Pages } from './ui/app.tsx';
import { browserPreferences } from './ui/browser-preferences.ts';

const preferences = browserPreferences();
const router = new Router({
  path: () => location.pathname,
  push: (path) => history.pushState(null, '', path),
  onMove: (listener) => addEventListener('popstate', listener),
});

// Links within the application change the page without loading it anew.
document.addEventListener('click', (event) => {
  const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!plain || event.defaultPrevented || link === null || link.target !== '') return;
  if (link.origin !== location.origin || link.hash !== '') return;
  event.preventDefault();
  router.go(link.pathname);
  scrollTo(0, 0);
});

onJoined(() => location.reload());

const api = createApi((path, init) => fetch(path, init));
const root = document.querySelector('#app');
if (root === null) throw new Error('index.html has no #app');
render(
  <AppContext.Provider
    value={{
      api,
      connect: connectSocketIo,
      engine: new EngineStore(api),
      preferences,
      router,
    }}
  >
    <Pages />
  </AppContext.Provider>,
  root,
);
