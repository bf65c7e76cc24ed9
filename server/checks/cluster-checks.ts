import type { Cluster } from '../clusters/cluster.ts';
import type { Verdict } from '../protocol/index.ts';
import type { Foundation, OnBroken, StepToCheck, Verdicts } from '../scenarios/step-to-check.ts';
import { EngineClient } from './engine-client.ts';
import { engineView } from './engine-view.ts';
import { EventWatch } from './event-watch.ts';
import { isActive, isMissed, isPassive, runChecks, runSome, type RunOptions } from './run-checks.ts';

/**
 * The checks of one lab: looks on at its hosts for as long as it lives. A step's checks begin with what the step rests
 * on, of which what only asks is asked; where that does not hold any more, the learner reads that, and not what follows
 * from it.
 */
export class ClusterChecks implements Disposable {
  readonly #cluster: Cluster;
  readonly #watches: ReadonlyMap<string, EventWatch>;
  /** What checks that send something last said of a step, and of which state of the cluster. */
  readonly #sent = new Map<string, { state: number; verdicts: Verdicts }>();
  #onChange: () => void = () => undefined;
  /** Grows with everything that happens on the cluster but what is run in containers. */
  #state = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#watches = new Map(
      [...cluster.hosts.values()].map((host) => [
        host.name,
        new EventWatch(host, ({ action }) => {
          if (!action.startsWith('exec_')) this.#state += 1;
          this.#onChange();
        }),
      ]),
    );
  }

  /** Tell `listener`, from now on alone, whenever something happens on the hosts. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /** Make a step's checks because the learner has asked. Never rejects, as `runChecks`. */
  async check(step: StepToCheck, signal: AbortSignal, onBroken?: OnBroken): Promise<Verdicts> {
    const options = { ...this.#options(onBroken), patient: true };
    const undone = await this.#undone(step, signal, options);
    if (undone) return undone;
    const state = this.#state;
    const verdicts = await runChecks(step.checks, this.#cluster, signal, options);
    this.#sent.set(step.id, { state, verdicts: onlyActive(step, verdicts) });
    return verdicts;
  }

  /**
   * Make them without being asked: nothing is waited for or asked twice, and what sends something is made once for each state of the
   * cluster, and then with patience, as what it is about may not be told by any event.
   */
  async look(step: StepToCheck, signal: AbortSignal, onBroken?: OnBroken): Promise<Verdicts> {
    const options = { ...this.#options(onBroken), patient: false, answers: new Map() };
    const undone = await this.#undone(step, signal, options);
    if (undone) return undone;
    const asked = await runSome(step.checks, isPassive, this.#cluster, signal, options);
    if (asked.some(isMissed)) return asked;
    let sent = this.#sent.get(step.id);
    if (sent?.state !== this.#state) {
      const state = this.#state;
      const verdicts = await runSome(step.checks, isActive, this.#cluster, signal, {
        ...options,
        patient: true,
      });
      signal.throwIfAborted();
      sent = { state, verdicts };
      this.#sent.set(step.id, sent);
    }
    return step.checks.map((_, index) => asked[index] ?? sent.verdicts[index] ?? null);
  }

  /** Whether no host is in a swarm: see LabChecks. */
  async canFreeze(signal: AbortSignal): Promise<boolean> {
    const hosts = [...this.#cluster.hosts.values()];
    const swarms = await Promise.all(hosts.map((host) => engineView(new EngineClient(host, signal)).swarm()));
    return swarms.every(({ state }) => state === 'inactive');
  }

  [Symbol.dispose](): void {
    for (const watch of this.#watches.values()) watch[Symbol.dispose]();
  }

  #options(onBroken: OnBroken | undefined): RunOptions {
    return { events: (host) => this.#watches.get(host)?.events ?? [], onBroken };
  }

  /** What to say of a step whose foundation has come undone: its first check says it, the others are not made. */
  async #undone(
    { checks, restsOn }: StepToCheck,
    signal: AbortSignal,
    options: RunOptions,
  ): Promise<Verdicts | undefined> {
    for (const foundation of restsOn) {
      const verdicts = await runSome(foundation.checks, isPassive, this.#cluster, signal, options);
      const first = verdicts.find(isMissed);
      if (first) return checks.map((_, index) => (index === 0 ? comeUndone(first, foundation) : null));
    }
    return undefined;
  }
}

const onlyActive = ({ checks }: StepToCheck, verdicts: Verdicts): Verdicts =>
  checks.map((check, index) => (isActive(check) ? (verdicts[index] ?? null) : null));

function comeUndone(verdict: Verdict, { number, title }: Foundation): Verdict {
  if (verdict.outcome !== 'fail') return verdict;
  const name = { en: title.en ?? title['zh-CN'] ?? '', 'zh-CN': title['zh-CN'] ?? title.en ?? '' };
  const { en, 'zh-CN': zh } = verdict.reason;
  return {
    ...verdict,
    reason: {
      en: `Step ${number}, “${name.en}”, does not hold any more: ${en ?? zh}`,
      'zh-CN': `第 ${number} 步“${name['zh-CN']}”已不再成立：${zh ?? en}`,
    },
  };
}
