import { pino } from 'pino';
import { createApp, type App } from '../../server/app.ts';
import { ClusterChecks } from '../../server/checks/cluster-checks.ts';
import type { StartedEngine } from '../../server/cli/engine-terms.ts';
import type { Scenario } from '../../server/scenarios/scenario.ts';
import { EngineGate } from '../../server/sessions/engine-gate.ts';
import { openSessionStore, type SessionStore } from '../../server/sessions/store.ts';
import { NO_TERMS, type SessionTerms } from '../../server/sessions/terms.ts';
import { LabClient } from './lab-client.ts';
import { testAccess } from './test-access.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What of an engine labs need. */
export type LabServerEngine = Pick<StartedEngine, 'ground' | 'lacking' | 'limits' | 'runs'>;

export type LabServerOptions = {
  /** The folder of a built page; without it, the page is one file. */
  page?: string;
  capacity?: number;
  /** How long labs may go on and be left alone; for ever unless told. */
  terms?: Partial<SessionTerms>;
  /** What another server on the engine has kept. */
  store?: SessionStore;
  port?: number;
};

/** The real server over an engine that is ready, put together as `up` does it, without a pool. */
export async function serveLabs(
  engine: LabServerEngine,
  scenarios: readonly Scenario[],
  options: LabServerOptions = {},
) {
  const { capacity = 4, terms, store = openSessionStore(':memory:'), port = 0 } = options;
  const [{ provisionOn }, { adoptOn }, { reapCluster }] = await Promise.all([
    import('../../server/clusters/provision.ts'),
    import('../../server/clusters/adopt.ts'),
    import('../../server/clusters/reap.ts'),
  ]);
  await using owned = new AsyncDisposableStack();
  const page = owned.use(await temporaryFolder());
  await page.write('index.html', '<!doctype html><title>Drydock</title>');
  const gate = new EngineGate();
  const app: App = owned.use(
    createApp({
      scenarios: new Map(scenarios.map((scenario) => [scenario.slug, scenario])),
      engine: gate,
      store,
      terms: { ...NO_TERMS, ...terms },
      openChecks: (cluster) => new ClusterChecks(cluster),
      access: testAccess(),
      webRoot: options.page ?? page.path,
      log: pino({ level: 'silent' }),
    }),
  );
  const { url } = await app.listen({ host: '127.0.0.1', port });
  const { ground, limits } = engine;
  gate.open({
    provision: provisionOn(ground),
    adopt: adoptOn(ground),
    remove: reapCluster,
    capacity,
    lacks: await engine.lacking(scenarios),
    limits,
    runs: () => engine.runs(),
  });
  const held = owned.move();
  return {
    url,
    store,
    /** Stop the server as one that will be started again. */
    leave: () => app.leave(),
    client: (slug: string) => new LabClient(url, slug),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
