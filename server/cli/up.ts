import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApp } from '../app.ts';
import { ClusterPool } from '../clusters/pool.ts';
import { runChecks } from '../checks/run-checks.ts';
import type { Config } from '../config.ts';
import { openControl, type Control, type Operations } from '../control/open-control.ts';
import { Stages, type Stage } from '../engines/stages.ts';
import { UserError } from '../engines/user-error.ts';
import { loadScenarios } from '../scenarios/load-scenarios.ts';
import { openSessionStore } from '../sessions/store.ts';
import { openLog } from '../log.ts';
import type { LocalizedText } from '../protocol/index.ts';
import { EngineGate } from '../sessions/engine-gate.ts';
import { buildPage } from './build-page.ts';
import { EngineProgress } from './engine-progress.ts';
import { clientEnvironment, ENGINE_STAGES, labCapacity, startLabEngine } from './lab-engine.ts';
import { keepEngine } from './keep-engine.ts';
import { requireFreePort } from './require-free-port.ts';
import { printStages, type Output } from './stage-printer.ts';
import { keepStageSeconds, readStageSeconds } from './stage-seconds.ts';
import { readVersion } from './version.ts';

const PAGE_STAGE: Stage = { id: 'page', name: { en: 'Build the page', 'zh-CN': '构建页面' } };
/** Longer than a page that has no socket waits before it asks again. */
const HEARD_WITHIN_MS = 3000;

const NO_ENGINE: LocalizedText = {
  en: 'Something went wrong that should not; drydock.log in the cache folder has the cause.',
  'zh-CN': '出现了不应有的错误；原因在缓存文件夹中的 drydock.log 里。',
};

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
 * Serve the page at once, and prepare everything that labs need; resolves when they can run. What was prepared before
 * is found again. Refused before anything is done where another Drydock uses the same cache folder.
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
  const announce = (message: string) => output.write(`${message}\n`);
  await mkdir(config.cache, { recursive: true });
  const gate = new EngineGate();
  using progress = new EngineProgress(ENGINE_STAGES, await readStageSeconds(config.cache), (now) =>
    gate.prepare(now),
  );
  const print = printStages(output, ENGINE_STAGES.length + 1);
  const stages = new Stages((event) => {
    print(event);
    progress.onStage(event);
  }, signal);
  const log = openLog(join(config.cache, 'drydock.log'));

  // Before the minutes of work that end with listening there.
  const address = { host: '127.0.0.1', port: config.port };
  await requireFreePort(address).catch(explainPort);

  const { scenarios, problems } = await loadScenarios(join(root, 'scenarios'));
  for (const { file, line, column, message } of problems) announce(`${file}:${line}:${column}: ${message}`);
  if (scenarios.size === 0) throw new UserError('No scenario could be loaded, so there is nothing to serve.');

  const webRoot = await stages.run(PAGE_STAGE, (work) => buildPage(root, work));
  await using owned = new AsyncDisposableStack();
  // Below the app, which has to let go of the engine before that stops.
  const below = owned.use(new AsyncDisposableStack());
  const store = owned.use(openSessionStore(join(config.cache, 'sessions.db')));
  const app = createApp({ scenarios, engine: gate, store, runChecks, webRoot, log });
  // Not ended: labs that wait for an engine that does not come are the next start's.
  owned.defer(() => app.leave());
  const { url } = await app.listen(address).catch(explainPort);
  const operations: Operations = {
    url,
    labs: () => app.sessions.list(),
    endLab: (id) => app.sessions.endRun(id),
  };
  control.offer(operations);
  announce(`Open ${url} already: the page shows how far the engine is.`);
  try {
    const engine = await startLabEngine('server', {
      config,
      scenarios: scenarios.values(),
      isRoot,
      announce,
      stages,
    });
    // Stopped before it has found the labs of an earlier start again, this one leaves them to the next.
    below.defer(async () =>
      engine.adopted && app.openLabs > 0 ? engine.release() : engine[Symbol.asyncDispose](),
    );
    setEnvironment(clientEnvironment(engine));
    const capacity = labCapacity(
      engine,
      Math.max(...[...scenarios.values()].map(({ hosts }) => hosts.length)),
    );
    // Loaded only now: testcontainers reads these variables once, when it is first used.
    const [{ provisionOn }, { adoptCluster }, { reapClusters }] = await Promise.all([
      import('../clusters/provision.ts'),
      import('../clusters/adopt.ts'),
      import('../clusters/reap.ts'),
    ]);
    const runnable = [...scenarios.values()].filter(
      ({ needs }) => !needs.some((need) => engine.lacking.has(need)),
    );
    const shapes = new Map(runnable.map(({ hosts }) => [hosts.join(), { hosts }]));
    const pool = new ClusterPool({
      provision: provisionOn(engine.ground),
      wanted: () => [...shapes.values()].slice(0, Math.max(0, capacity - app.openLabs)),
      onError: (error) => log.warn({ err: error }, 'no spare cluster'),
    });
    if (engine.adopted) {
      const owners = new Set(store.load().flatMap(({ cluster }) => cluster ?? []));
      await reapClusters(owners, engine.ground).then(
        (clusters) => log.info({ clusters }, 'removed what nobody owns'),
        (error: unknown) => log.warn({ err: error }, 'not all could be removed that nobody owns'),
      );
    }
    const kept = below.use(await keepEngine(engine, () => app.openLabs, log));
    below.use(pool);
    gate.open({
      provision: pool.provision,
      adopt: adoptCluster,
      capacity,
      lacking: engine.lacking,
      limits: engine.limits,
    });
    pool.fill();
    await keepStageSeconds(config.cache, progress.seconds).catch((error: unknown) =>
      log.warn({ err: error }, 'durations not kept'),
    );
    control.serve(operations);
    engine.failed.addEventListener('abort', () => log.fatal({ err: engine.failed.reason }, 'engine ended'));
    const running = owned.move();
    return {
      url,
      failed: engine.failed,
      async stop() {
        const left = app.openLabs;
        if (left === 0) {
          await running.disposeAsync();
          return 0;
        }
        await app.leave();
        // With an engine that has ended there is nothing to remove, to renew or to let go of.
        if (!engine.failed.aborted) {
          await pool[Symbol.asyncDispose]().catch((error: unknown) =>
            log.warn({ err: error }, 'spare clusters not removed'),
          );
          await kept.renew();
        }
        kept[Symbol.dispose]();
        store[Symbol.dispose]();
        engine.release();
        return left;
      },
    };
  } catch (error) {
    if (!signal.aborted) {
      log.fatal({ err: error }, 'engine not prepared');
      gate.fail(error instanceof UserError ? { en: error.message } : NO_ENGINE);
      // Until the pages have heard it, or nobody waits any longer, which is no failure of its own.
      await sleep(HEARD_WITHIN_MS, undefined, { signal }).catch(() => undefined);
    }
    throw error;
  }
}

function explainPort(error: unknown): never {
  if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
  throw new UserError('The port of the page is taken. Set DRYDOCK_PORT to another, or stop what uses it.');
}
