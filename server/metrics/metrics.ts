import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { StepToCheck, Verdicts } from '../scenarios/step-to-check.ts';
import type { ProvisionLab } from '../sessions/engine-gate.ts';
import type { RunningSession } from '../sessions/manager.ts';
import type { LabChecks, OpenChecks } from '../sessions/lab-checks.ts';

export type MetricsSources = {
  sessions: () => readonly Pick<RunningSession, 'status'>[];
  /** How many clusters lie ready; none where that is not known yet. */
  spareClusters: () => number;
};

/** What Prometheus is told of a server. It says nothing of owners or of what they do. */
export class Metrics {
  readonly registry = new Registry();
  readonly #provisioning = new Histogram({
    name: 'drydock_provisioning_seconds',
    help: 'From the start of a lab until its hosts run; what came to nothing is not in it.',
    buckets: [1, 2, 5, 10, 20, 40, 80, 160, 320],
    registers: [this.registry],
  });
  readonly #verdicts = new Counter({
    name: 'drydock_verdicts_total',
    help: 'Verdicts of checks; asked is whether a learner pressed Check.',
    labelNames: ['validator', 'outcome', 'asked'] as const,
    registers: [this.registry],
  });
  readonly #bytes = new Counter({
    name: 'drydock_terminal_bytes_total',
    help: 'Bytes of terminals: in from pages, out to them.',
    labelNames: ['direction'] as const,
    registers: [this.registry],
  });

  constructor({ sessions, spareClusters }: MetricsSources) {
    const states = new Gauge({
      name: 'drydock_sessions',
      help: 'Labs that run or wait for a place, by their state.',
      labelNames: ['state'] as const,
      registers: [],
      collect() {
        this.reset();
        for (const state of ['queued', 'provisioning', 'ready', 'finished'] as const) this.set({ state }, 0);
        for (const { status: state } of sessions()) this.inc({ state });
      },
    });
    const spares = new Gauge({
      name: 'drydock_spare_clusters',
      help: 'Clusters that lie ready for whoever starts a lab.',
      registers: [],
      collect() {
        this.set(spareClusters());
      },
    });
    this.registry.registerMetric(states);
    this.registry.registerMetric(spares);
    collectDefaultMetrics({ register: this.registry });
  }

  /** The same, with the time that it takes measured. */
  timed(provision: ProvisionLab): ProvisionLab {
    return async (...lab) => {
      const stop = this.#provisioning.startTimer();
      const cluster = await provision(...lab);
      stop();
      return cluster;
    };
  }

  /** The same, with their verdicts counted. */
  counted(openChecks: OpenChecks): OpenChecks {
    return (cluster) => {
      const checks = openChecks(cluster);
      const counting =
        (make: LabChecks['check'], asked: 'yes' | 'no'): LabChecks['check'] =>
        async (step, ...rest) => {
          const verdicts = await make(step, ...rest);
          this.#count(step, verdicts, asked);
          return verdicts;
        };
      return {
        check: counting((...of) => checks.check(...of), 'yes'),
        look: counting((...of) => checks.look(...of), 'no'),
        canFreeze: (signal) => checks.canFreeze(signal),
        onChange: (listener) => checks.onChange(listener),
        [Symbol.dispose]: () => checks[Symbol.dispose](),
      };
    };
  }

  terminalBytes(direction: 'in' | 'out', bytes: number): void {
    this.#bytes.inc({ direction }, bytes);
  }

  #count({ checks }: StepToCheck, verdicts: Verdicts, asked: 'yes' | 'no'): void {
    for (const [index, { validator }] of checks.entries()) {
      const verdict = verdicts[index];
      if (verdict) this.#verdicts.inc({ validator, outcome: verdict.outcome, asked });
    }
  }
}
