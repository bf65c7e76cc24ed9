import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createApp } from '../app.ts';
import { ClusterChecks } from '../checks/cluster-checks.ts';
import type { Config } from '../config.ts';
import { exposureOf } from '../access/exposure.ts';
import { openControl, type Control, type Operations } from '../control/open-control.ts';
import { Stages, type Stage } from '../engines/stages.ts';
import { isSystemError } from '../engines/system-error.ts';
import { UserError } from '../engines/user-error.ts';
import { ScenarioLibrary } from '../scenarios/library.ts';
import { keptClusters } from '../sessions/kept-clusters.ts';
import { openSessionStore } from '../sessions/store.ts';
import { openLog } from '../log.ts';
import { EngineGate } from '../sessions/engine-gate.ts';
import { buildPage } from './build-page.ts';
import { problemLine } from './describe-problems.ts';
import { ENGINE_STAGES } from './lab-engine.ts';
import { LabRunner } from './lab-runner.ts';
import { ownHostsWords } from './own-hosts-words.ts';
import { openSite } from './open-site.ts';
import { requireFreePort } from './require-free-port.ts';
import { NO_SCENARIO, scenarioFolders } from './scenario-folders.ts';
import { printStages, type Output } from './stage-printer.ts';
import { readVersion } from './version.ts';

const PAGE_STAGE: Stage = { id: 'page', name: { en: 'Build the page', 'zh-CN': '构建页面' } };

/** A Drydock that serves labs. */
export interface Running {
  readonly url: string;
  /** Aborts, with the reason, when the engine has ended by itself and cannot be replaced. */
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
  environment: Readonly<Record<string, string | undefined>>;
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
  const { root, output, isRoot, setEnvironment, environment, signal } = surroundings;
  const announce = (message: string) => output.write(`${message}\n`);
  await mkdir(config.cache, { recursive: true });
  const gate = new EngineGate();
  const onStage = printStages(output, ENGINE_STAGES.length + 1);
  const log = openLog(join(config.cache, 'drydock.log'));

  // Before the minutes of work that end with listening there.
  const address = { host: config.site.host, port: config.port };
  await requireFreePort(address).catch(explainPort);

  const { exposed } = exposureOf(config.site);
  for (const line of ownHostsWords(config.ownHosts, { exposed, isRoot })) announce(line);
  const folders = await scenarioFolders(root, config);
  await using owned = new AsyncDisposableStack();
  const site = owned.use(await openSite(config.cache, config.site, log));
  const library = owned.use(await ScenarioLibrary.open(folders));
  const { scenarios, problems } = library;
  for (const problem of problems) announce(problemLine(problem));
  if (scenarios.size === 0)
    throw new UserError(
      problems.length === 0
        ? NO_SCENARIO
        : 'No scenario is without a problem, so that there is nothing to serve: mend what is named above.',
    );

  const webRoot = await new Stages(onStage, signal).run(PAGE_STAGE, (work) => buildPage(root, work));
  const store = owned.use(openSessionStore(join(config.cache, 'sessions.db')));
  const runner = new LabRunner({
    config,
    scenarios,
    isRoot,
    announce,
    output,
    onStage,
    setEnvironment,
    gate,
    labs: () => app,
    owned: () => keptClusters(store),
    log,
    signal,
  });
  const app = createApp({
    scenarios,
    engine: gate,
    store,
    openChecks: (cluster) => new ClusterChecks(cluster),
    ownHosts: { allowed: config.ownHosts, labs: config.ownHostLabs, environment },
    terms: config.terms,
    access: site.access,
    ...(site.certificate && { certificate: site.certificate }),
    spareClusters: () => runner.spareClusters,
    webRoot,
    log,
    onOpenLabs: () => void runner.labsChanged(),
  });
  library.watch({
    beforeChange: (next) => runner.scenariosWillChange(next),
    onChange: (scenario) => {
      log.info({ scenario: scenario.slug }, 'scenario read again');
      app.sessions.revise(scenario);
      runner.scenariosChanged();
    },
    onProblems: (now) => {
      for (const problem of now) {
        log.warn({ problem }, 'scenario with a problem');
        announce(problemLine(problem));
      }
      if (now.length === 0) announce('All scenarios are without a problem now.');
      else announce('Until that is mended, these labs stay what they were.');
    },
    onError: (error) => log.warn({ err: error }, 'scenarios could not be looked at'),
  });
  let left = 0;
  owned.defer(() => runner.stop(left));
  // Not ended: labs that wait for an engine that does not come are the next start's.
  owned.defer(() => app.leave());
  const bound = await app.listen(address).catch(explainPort);
  const url = site.visitUrl(bound.url);
  site.watchCertificate((certificate) => app.renew(certificate));
  const operations: Operations = {
    url,
    labs: () => app.sessions.list(),
    endLab: (id) => app.sessions.endRun(id),
    takePlace: () => runner.takePlace(),
  };
  control.offer(operations);
  for (const line of site.words(bound.url)) announce(line);
  announce(`Open ${url} already: the page shows how far the engine is.`);
  await runner.start();
  control.serve(operations);
  const serving = owned.move();
  return {
    url,
    failed: runner.failed,
    async stop() {
      left = app.openLabs;
      await serving.disposeAsync();
      return left;
    },
  };
}

function explainPort(error: unknown): never {
  if (isSystemError(error, 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN')) {
    throw new UserError(
      'DRYDOCK_HOST is no address of this machine. Set it to one, or to 0.0.0.0 for all of them.',
    );
  }
  if (!isSystemError(error, 'EADDRINUSE')) throw error;
  throw new UserError('The port of the page is taken. Set DRYDOCK_PORT to another, or stop what uses it.');
}
