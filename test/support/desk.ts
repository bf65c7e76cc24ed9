import { LabClient } from './lab-client.ts';
import { deskLab } from './scenarios.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { startTestApp } from './test-app.ts';

/** The real server with a real shell of this machine, which a learner has before them. */
export async function startDesk() {
  await using owned = new AsyncDisposableStack();
  const home = owned.use(await temporaryFolder());
  await home.write('.bash_profile', "PS1='ready$ '; HISTFILE=; bind 'set enable-bracketed-paste off'\n");
  const environment = { PATH: process.env['PATH'], HOME: home.path };
  const ownHosts = { allowed: ['local'], environment } as const;
  const app = owned.use(await startTestApp({ scenario: deskLab, ownHosts, preparing: true }));
  const learner = owned.use(app.client());
  await learner.start();
  await look(learner);
  /** Another page of the same learner, by another way. */
  const other = async (url: string = app.url) => {
    const client = new LabClient(url, deskLab.slug);
    client.cookie = learner.cookie;
    await client.connect();
    await look(client);
    return client;
  };
  const held = owned.move();
  return { learner, other, url: app.url, home: home.path, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** Resolves when what a page shows ends with a text. */
export const ends = (client: LabClient, text: string) =>
  client.untilScreen('host01', (screen) => screen.endsWith(text));

async function look(client: LabClient): Promise<void> {
  client.attach('host01');
  await ends(client, 'ready$ ');
}
