import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { App } from '../app.ts';
import { canBeOnRun, newClusterId } from '../clusters/cluster-id.ts';
import { ClusterPool } from '../clusters/pool.ts';
import type { Config } from '../config.ts';
import type { ClusterPlace } from '../control/open-control.ts';
import { Stages, type OnStage } from '../engines/stages.ts';
import { UserError } from '../engines/user-error.ts';
import type { LocalizedText, Slug } from '../protocol/index.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { EngineGate, EngineMeans } from '../sessions/engine-gate.ts';
import { LabError } from '../sessions/errors.ts';
import { clientIdentity } from './client-identity.ts';
import type { StartedEngine } from './engine-terms.ts';
import { EngineProgress } from './engine-progress.ts';
import { keepEngine, type KeptEngine } from './keep-engine.ts';
import { clientEnvironment } from './client-environment.ts';
import { ENGINE_STAGES, hostsOfLargest, labCapacity, onEngine, startLabEngine } from './lab-engine.ts';
import { RepeatedEnds } from './repeated-ends.ts';
import { printStages, type Output } from './stage-printer.ts';
import { keepStageSeconds, readStageSeconds } from './stage-seconds.ts';

/** An engine that ends so often is not started again. */
const ENDS = { limit: 3, withinMinutes: 10 } as const;
/** Longer than a page that has no socket waits before it asks again. */
const HEARD_WITHIN_MS = 3000;

const NO_ENGINE: LocalizedText = {
  en: 'Something went wrong that should not; drydock.log in the cache folder has the cause.',
  'zh-CN': '出现了不应有的错误；原因在缓存文件夹中的 drydock.log 里。',
};

export type LabRunnerOptions = {
  config: Config;
  /** Always as they are now. */
  scenarios: ReadonlyMap<Slug, Scenario>;
  isRoot: boolean;
  announce: (message: string) => void;
  output: Output;
  /** Told of the stages of the first start; those of later ones are printed anew. */
  onStage: OnStage;
  setEnvironment: (variables: Readonly<Record<string, string>>) => void;
  gate: EngineGate;
  /** The labs that are, or may be, on the engine. */
  labs: () => Pick<App, 'openLabs' | 'sessions'>;
  /** The clusters of those that an earlier start has left. */
  owned: () => ReadonlySet<string>;
  log: Logger;
  signal: AbortSignal;
};

/** An engine that runs, and what is kept on it. */
type Running = {
  engine: StartedEngine;
  kept: KeptEngine;
  pool: ClusterPool;
  means: EngineMeans;
  /** Those of `means`, to be changed. */
  lacks: Map<Slug, LabError>;
};

/**
 * Runs the engine that labs are on, for as long as the server runs: finds or makes it, opens the gate to it, keeps spare
 * clusters on it, and replaces it where it ends by itself.
 */
export class LabRunner {
  readonly #options: LabRunnerOptions;
  readonly #ends = new RepeatedEnds(ENDS.limit, ENDS.withinMinutes * 60_000);
  readonly #failed = new AbortController();
  readonly #stopping = new AbortController();
  #running: Running | null = null;
  /** What the first engine was made for: the next is to be one like it. */
  #scenarios: readonly Scenario[] = [];
  #replacing: Promise<void> = Promise.resolve();

  constructor(options: LabRunnerOptions) {
    this.#options = options;
  }

  /** Aborts, with the reason, when there is no engine any more and will be none. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** Resolves when labs can run. Where it rejects, the pages have been told why. */
  async start(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      await this.#tellFailure(error);
      throw error;
    }
  }

  /** To be called when more labs are open or fewer: the engine waits for them by how many there are. */
  async labsChanged(): Promise<void> {
    await this.#running?.kept.renew();
  }

  /** To be called before scenarios change: what the engine lacks for one has to be known with it. */
  async scenariosWillChange(scenarios: ReadonlyMap<Slug, Scenario>): Promise<void> {
    if (this.#running === null) return;
    const { engine, lacks } = this.#running;
    const now = await engine.lacking(scenarios.values());
    lacks.clear();
    for (const [slug, lack] of now) lacks.set(slug, lack);
  }

  /** To be called when scenarios have changed: their hosts may be other ones. */
  scenariosChanged(): void {
    this.#running?.pool.fill();
  }

  /** How many clusters lie ready for labs. */
  get spareClusters(): number {
    return this.#running?.pool.ready ?? 0;
  }

  /** A place for a cluster that is no lab; null where there is none. */
  async takePlace(): Promise<ClusterPlace | null> {
    const { gate, labs, log } = this.#options;
    let place: Disposable;
    try {
      place = gate.takePlace(labs().sessions.places);
    } catch (error) {
      if (error instanceof LabError) return null;
      throw error;
    }
    await this.#running?.pool.makeRoom();
    const cluster = newClusterId();
    return {
      cluster,
      [Symbol.asyncDispose]: async () => {
        // Who took it may have been killed.
        await gate.remove(cluster).catch((error: unknown) => log.warn({ err: error }, 'cluster not removed'));
        place[Symbol.dispose]();
        this.#running?.pool.fill();
      },
    };
  }

  /** End the engine, or leave it to the next start where labs are open on it. */
  async stop(openLabs: number): Promise<void> {
    this.#stopping.abort(new Error('The server stops.'));
    await this.#replacing;
    if (this.#running === null) return;
    const { engine, kept, pool } = this.#running;
    this.#running = null;
    // With an engine that has ended there is nothing to remove, to renew or to let go of.
    const runs = !engine.failed.aborted;
    await pool[Symbol.asyncDispose]().catch((error: unknown) => {
      if (runs) this.#options.log.warn({ err: error }, 'spare clusters not removed');
    });
    if (runs && openLabs > 0) await kept.renew();
    kept[Symbol.dispose]();
    if (runs && openLabs > 0) engine.release();
    else await engine[Symbol.asyncDispose]();
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted || this.#options.signal.aborted;
  }

  /** @param like the engine to be replaced, which the Docker client of this process knows */
  async #start(like?: StartedEngine): Promise<void> {
    const { config, scenarios, isRoot, announce, gate, labs, owned, log } = this.#options;
    using progress = new EngineProgress(ENGINE_STAGES, await readStageSeconds(config.cache), (now) =>
      gate.prepare(now),
    );
    const print = like ? printStages(this.#options.output, ENGINE_STAGES.length) : this.#options.onStage;
    const stages = new Stages(
      (event) => {
        print(event);
        progress.onStage(event);
      },
      AbortSignal.any([this.#options.signal, this.#stopping.signal]),
    );
    const known = like && (await clientIdentity(like));
    if (!like) this.#scenarios = [...scenarios.values()];
    await using starting = new AsyncDisposableStack();
    const engine = await startLabEngine('server', {
      config,
      scenarios: this.#scenarios,
      isRoot,
      announce,
      stages,
      owned: owned(),
      ...(like && { replaces: like }),
    });
    // Stopped before it has found the labs of an earlier start again, this one leaves them to the next.
    starting.defer(async () =>
      engine.adopted && labs().openLabs > 0 ? engine.release() : engine[Symbol.asyncDispose](),
    );
    if (engine.outdated) {
      announce(
        'The engine that runs is of an earlier version, or was started with other settings, and labs are open on it, which go on. It is replaced by the next start after they have ended, or after “npm run drydock -- down”.',
      );
    }
    if (known !== undefined && (await clientIdentity(engine)) !== known) {
      throw new UserError('The engine could not be replaced by one like it. Start Drydock again.');
    }
    this.#options.setEnvironment(clientEnvironment(engine));
    // Loaded only now: testcontainers reads these variables once, when it is first used.
    const [{ provisionOn }, { snapshotSpareFirst }, { adoptOn }, { reapCluster, reapClusters }] =
      await Promise.all([
        import('../clusters/provision.ts'),
        import('../clusters/snapshot-spare.ts'),
        import('../clusters/adopt.ts'),
        import('../clusters/reap.ts'),
      ]);
    // Of a cluster that was on another run of the engine, nothing is here, whatever has its label.
    const isHere = (cluster: string) => canBeOnRun(cluster, engine.run);
    const adopt = adoptOn(engine.ground);
    if (engine.adopted) {
      await reapClusters(new Set([...owned()].filter(isHere)), engine.ground).then(
        (clusters) => log.info({ clusters }, 'removed what nobody owns'),
        (error: unknown) => log.warn({ err: error }, 'not all could be removed that nobody owns'),
      );
    }
    const kept = starting.use(
      await keepEngine(engine, { openLabs: () => labs().openLabs, hours: config.leaseHours, log }),
    );
    const lacks = new Map(await engine.lacking(scenarios.values()));
    const capacity = () => labCapacity(engine, hostsOfLargest(scenarios.values()));
    const wanted = () => {
      const runnable = [...scenarios.values()].filter((each) => onEngine(each) && !lacks.has(each.slug));
      const shapes = [...new Map(runnable.map(({ hosts }) => [hosts.join(), { hosts }])).values()];
      return Array.from({ length: config.spareClusters }, () => shapes).flat();
    };
    const provision = provisionOn(engine.ground, config.subnets);
    const pool = starting.use(
      new ClusterPool({
        provision:
          engine.own && !engine.adopted
            ? snapshotSpareFirst({
                provision,
                ground: engine.ground,
                run: engine.run,
                engineEnded: engine.failed,
                onError: (error) =>
                  log.warn({ err: error }, 'the spare cluster of the snapshot is of no use'),
              })
            : provision,
        wanted,
        room: () => capacity() - labs().sessions.places - gate.guests,
        onError: (error) => log.warn({ err: error }, 'no spare cluster'),
      }),
    );
    const means: EngineMeans = {
      provision: pool.provision,
      adopt: async (id, hosts, signal) => (isHere(id) ? adopt(id, hosts, signal) : null),
      remove: async (id) => {
        if (isHere(id)) await reapCluster(id);
      },
      get capacity() {
        return capacity();
      },
      lacks,
      limits: engine.limits,
      runs: () => engine.runs(),
    };
    starting.move();
    const running = { engine, kept, pool, means, lacks };
    this.#running = running;
    gate.open(means);
    pool.fill();
    const onEnd = () => {
      this.#replacing = this.#replace(running);
    };
    engine.failed.addEventListener('abort', onEnd, { once: true });
    if (engine.failed.aborted) onEnd();
    await keepStageSeconds(config.cache, progress.seconds).catch((error: unknown) =>
      log.warn({ err: error }, 'durations not kept'),
    );
  }

  /** The engine has ended by itself: its labs are over, and another takes its place. Never rejects. */
  async #replace({ engine, kept, pool, means }: Running): Promise<void> {
    const { gate, labs, log, announce } = this.#options;
    if (this.#isStopping) return;
    const { reason } = engine.failed;
    log.error({ err: reason }, 'engine ended');
    this.#running = null;
    gate.lose(means);
    labs().sessions.loseHosts();
    kept[Symbol.dispose]();
    // There is nothing to remove any more, which is why that fails.
    await pool[Symbol.asyncDispose]().catch(() => undefined);
    try {
      if (this.#ends.note()) {
        throw new UserError(
          `The engine has ended ${ENDS.limit} times within ${ENDS.withinMinutes} minutes, so it is not started again. The last time:\n${reason instanceof Error ? reason.message : String(reason)}`,
        );
      }
      announce('The engine has ended unexpectedly, and its labs with it. It is started again.');
      await this.#start(engine);
      announce('Labs can be started again.');
    } catch (error) {
      await this.#tellFailure(error);
      if (!this.#isStopping) this.#failed.abort(error);
    }
  }

  /** Tell the pages why there is no engine, and wait until they have heard it or nobody waits any longer. */
  async #tellFailure(cause: unknown): Promise<void> {
    if (this.#isStopping) return;
    const { gate, log, signal } = this.#options;
    log.fatal({ err: cause }, 'no engine');
    gate.fail(cause instanceof UserError ? { en: cause.message } : NO_ENGINE);
    const stopped = AbortSignal.any([signal, this.#stopping.signal]);
    await sleep(HEARD_WITHIN_MS, undefined, { signal: stopped }).catch(() => undefined);
  }
}
