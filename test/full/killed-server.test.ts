import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readConfig } from '../../server/config.ts';
import { freePort } from '../../server/engines/embedded/free-port.ts';
import { routes, type SessionView } from '../../server/protocol/index.ts';
import { openSessionStore } from '../../server/sessions/store.ts';
import { labelOf } from '../../server/clusters/cluster-id.ts';
import { drydock } from '../support/drydock-command.ts';
import { contentsOf, engineOf } from '../support/engine-contents.ts';
import { LabClient } from '../support/lab-client.ts';
import { launchServer } from '../support/server-process.ts';

const MINUTE = 60_000;
const SLUG = 'swarm-load-balancing';
const READY = /^Drydock is ready: (http\S+)$/m;
const { cache } = readConfig(process.env);

afterEach(async () => void (await drydock(cache, ['down'])), MINUTE);

/** The clusters that sessions own, as they are labelled. */
function owned(): string[] {
  using store = openSessionStore(join(cache, 'sessions.db'));
  return store.load().flatMap(({ cluster }) => (cluster === null ? [] : labelOf(cluster)));
}

test(
  'a server that is killed at any moment leaves nothing but its labs, which the next start has',
  async () => {
    const port = String(await freePort());
    const launch = (spares: 0 | 1) =>
      launchServer({ DRYDOCK_PORT: port, DRYDOCK_SPARE_CLUSTERS: String(spares) });
    const docker = () => engineOf(cache);
    const begun = async () => (await contentsOf(await docker())).containers.length > 0;
    using learner = new LabClient(`http://127.0.0.1:${port}`, SLUG);
    const press = () => learner.request<SessionView>('POST', routes.session(SLUG));

    {
      await using server = launch(1);
      await server.until(READY);
      // While a spare is made.
      await expect.poll(begun, { timeout: 5 * MINUTE }).toBe(true);
      await server.kill();
    }
    {
      await using server = launch(1);
      // While it starts, before it has looked for what is there.
      await server.until(/^Open http/m);
      await server.kill();
    }
    {
      await using server = launch(1);
      await server.until(READY);
      const spare = async () => (await contentsOf(await docker())).frozen;
      await expect.poll(spare, { timeout: 5 * MINUTE }).toBe(2);
      await learner.request('GET', routes.scenarios());
      // While the spare is thawed for a lab.
      expect((await press()).status).toBe(200);
      await server.kill();
    }
    {
      await using server = launch(0);
      await server.until(READY);
      // While the hosts of that lab are made anew.
      await expect.poll(begun, { timeout: 5 * MINUTE }).toBe(true);
      await server.kill();
    }
    {
      await using server = launch(0);
      await server.until(READY);
      await learner.connect();
      await learner.until('ready');
      expect(await contentsOf(await docker())).toMatchObject({ containers: owned(), networks: owned() });
      await server.kill();
    }
    const [lab] = owned();
    {
      await using server = launch(0);
      // While it finds the engine again.
      await server.until(/Start the virtual machine …$/m);
      await server.kill();
    }
    await using server = launch(0);
    await server.until(READY);
    await learner.connect();
    await learner.until('ready');
    expect(owned()).toEqual([lab]);
    expect(await contentsOf(await docker())).toMatchObject({
      containers: [lab],
      networks: [lab],
      strays: [],
    });
  },
  15 * MINUTE,
);
