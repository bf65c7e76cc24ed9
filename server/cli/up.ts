import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runChecks } from '../checks/run-checks.ts';
import type { Config } from '../config.ts';
import { openControl, type Control } from '../control/open-control.ts';
import { Stages } from '../engines/stages.ts';
import { UserError } from '../engines/user-error.ts';
import { loadScenarios } from '../scenarios/load-scenarios.ts';
import { openSessionStore } from '../sessions/store.ts';
import { openLog } from '../log.ts';
import { buildPage } from './build-page.ts';
import { clientEnvironment, ENGINE_STAGES, labCapacity, startLabEngine } from './lab-engine.ts';
import { keepEngine } from './keep-engine.ts';
import { requireFreePort } from './require-free-port.ts';
import { printStages, type Output } from './stage-printer.ts';
import { readVersion } from './version.ts';

const PAGE_STAGE = 'Build the page';

/** A Drydock that serves labs. */
export interface Running {
  readonly url: string;
  /** Aborts, with the reason, when the engine ends by itself: no lab can go on then. */
  readonly failed: AbortSignal;
  /**
   * Closes the page. Open labs are left running for the next start, on the engine, which ends itself when none comes for
   * long; without any, the engine is stopped. Resolves with how many labs are left.
   */
  stop(): Promise<number>;
}

/** What `up` needs of the process that it runs in. */
export type Surroundings = {
  /** The project's folder. */
  root: string;
  output: Output;
  isRoot: boolean;
  /** Sets variables of the process, which the Docker client is configured by. */
  setEnvironment: (variables: Readonly<Record<string, string>>) => void;
  signal: AbortSignal;
  /** Aborts the signal, where somebody asks for the end from elsewhere. */
  stop: () => void;
};

/**
 * Prepare everything that labs need, and serve them. What was prepared before is found again. Refused before anything
 * is done where another Drydock uses the same cache folder.
 */
export async function up(config: Config, surroundings: Surroundings): Promise<Running> {
  const { root, stop, signal } = surroundings;
  await using starting = new AsyncDisposableStack();
  const version = await readVersion(root);
  // Held until all else has been disposed of, so that nobody takes the place of one that still ends.
  const control = starting.use(await openControl(config.cache, { version, command: 'up', stop }));
  signal.addEventListener('abort', () => control.stopping(), { once: true });
  const running = await serve(config, surroundings, control);
  const held = starting.move();
  return {
    ...running,
    async stop() {
      await using _ = held;
      return await running.stop();
    },
  };
}

async function serve(config: Config, surroundings: Surroundings, control: Control): Promise<Running> {
  const { root, output, isRoot, setEnvironment, signal } = surroundings;
  const stages = new Stages(printStages(output, ENGINE_STAGES.length + 1), signal);
  const announce = (message: string) => output.write(`${message}\n`);
  await mkdir(config.cache, { recursive: true });
  const log = openLog(join(config.cache, 'drydock.log'));

  // Before the minutes of work that end with listening there.
  const address = { host: '127.0.0.1', port: config.port };
  await requireFreePort(address).catch(explainPort);

  const { scenarios, problems } = await loadScenarios(join(root, 'scenarios'));
  for (const { file, line, column, message } of problems) announce(`${file}:${line}:${column}: ${message}`);
  if (scenarios.size === 0) throw new UserError('No scenario could be loaded, so there is nothing to serve.');

  const webRoot = await stages.run(PAGE_STAGE, ({ onLine }) => buildPage(root, onLine));
  const owned = new AsyncDisposableStack();
  try {
    const engine = owned.use(
      await startLabEngine('server', { config, scenarios: scenarios.values(), isRoot, announce, stages }),
    );
    setEnvironment(clientEnvironment(engine));
    const capacity = labCapacity(
      engine,
      Math.max(...[...scenarios.values()].map(({ hosts }) => hosts.length)),
    );
    // Loaded only now: testcontainers reads these variables once, when it is first used.
    const [{ createApp }, { provisionCluster }, { adoptCluster }, { reapClusters }] = await Promise.all([
      import('../app.ts'),
      import('../clusters/provision.ts'),
      import('../clusters/adopt.ts'),
      import('../clusters/reap.ts'),
    ]);
    const store = owned.use(openSessionStore(join(config.cache, 'sessions.db')));
    if (engine.adopted) {
      const owners = new Set(store.load().flatMap(({ cluster }) => cluster ?? []));
      log.info({ clusters: await reapClusters(owners) }, 'removed what nobody owns');
    }
    const app = owned.use(
      createApp({
        scenarios,
        provision: provisionCluster,
        adopt: adoptCluster,
        store,
        runChecks,
        capacity,
        webRoot,
        log,
      }),
    );
    const kept = owned.use(await keepEngine(engine, () => app.openLabs, log));
    const { url } = await app.listen(address).catch(explainPort);
    control.serve({ url, labs: () => app.sessions.list(), endLab: (id) => app.sessions.endRun(id) });
    engine.failed.addEventListener('abort', () => log.fatal({ err: engine.failed.reason }, 'engine ended'));
    return {
      url,
      failed: engine.failed,
      async stop() {
        const left = app.openLabs;
        if (left === 0) {
          await owned.disposeAsync();
          return 0;
        }
        await app.leave();
        await kept.renew();
        kept[Symbol.dispose]();
        store[Symbol.dispose]();
        engine.release();
        return left;
      },
    };
  } catch (error) {
    await owned.disposeAsync();
    throw error;
  }
}

function explainPort(error: unknown): never {
  if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
  throw new UserError('The port of the page is taken. Set DRYDOCK_PORT to another, or stop what uses it.');
}
