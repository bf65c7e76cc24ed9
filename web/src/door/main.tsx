import { render } from 'preact';
import { createAccessApi } from '../state/access-api.ts';
import { createApi } from '../state/api.ts';
import { EngineStore } from '../state/engine-store.ts';
import { Router } from '../state/router.ts';
import { connectSocketIo } from '../state/socket-io.ts';
import { AppContext } from '../ui/app-context.ts';
import { browserPreferences } from '../ui/browser-preferences.ts';
import { AccessPage, JoinPage } from './door-page.tsx';

const isJoining = location.pathname === '/join';
const code = readFragment();
// What let somebody in must not stay in the address bar, where others read it, nor in the history.
history.replaceState(null, '', location.pathname + location.search);

const api = createApi((path, init) => fetch(path, init));
const access = createAccessApi((path, init) => fetch(path, init));
const leave = (path?: string): void => {
  if (path === undefined) location.reload();
  else location.replace(path);
};
const root = document.querySelector('#door');
if (root === null) throw new Error('door.html has no #door');
const Page = isJoining ? JoinPage : AccessPage;
render(
  <AppContext.Provider
    value={{
      api,
      connect: connectSocketIo,
      engine: new EngineStore(api),
      preferences: browserPreferences(),
      router: new Router({
        path: () => location.pathname,
        push: (path) => location.assign(path),
        onMove: () => undefined,
      }),
    }}
  >
    <Page api={access} code={code} leave={leave} />
  </AppContext.Provider>,
  root,
);

/** The code after the `#`; empty where what is there cannot be read. */
function readFragment(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return '';
  }
}
