import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import type { Ground } from '../images/ground.ts';
import { enteringProbe, PROBE_PROGRAM, probeContainer } from '../images/probe.ts';
import type { HostName } from '../protocol/index.ts';
import { asError } from './as-error.ts';
import { beforeAbort } from '../engines/before-abort.ts';
import type { EnteredNetwork } from './cluster.ts';
import { asConnection, startExec } from './exec-stream.ts';
import { type Helper, startHelper } from './helper.ts';
import { hostContainer, LABELS } from './labels.ts';
import { ProbeError } from './probe-error.ts';
import type { ProbeTarget } from './probe-frames.ts';
import { ProbeLink } from './probe-link.ts';

/** A program that takes longer to start will not; on a busy emulated engine a good one takes seconds. */
const START_LIMIT_MS = 40_000;

/**
 * What a host is looked at through: a container beside it that shares its network and sees its volumes, `/run` with the
 * engine's socket among them. Nothing of what it runs is on the host, and it is not among the host's processes.
 */
export class Probe {
  readonly #docker: Docker;
  readonly #container: Docker.Container;
  #link: Promise<ProbeLink> | undefined;

  constructor(docker: Docker, container: Docker.Container) {
    this.#docker = docker;
    this.#container = container;
  }

  /** Another like it beside the same host, which stands in the network of one of its processes. */
  async enter(pid: number, signal: AbortSignal): Promise<EnteredNetwork> {
    const helper = await this.#startHelper(pid, signal);
    const link = new ProbeLink(asConnection(helper, this.#docker));
    return {
      dial: (address, port, wanted) => link.dial({ address, port }, wanted),
      async [Symbol.asyncDispose]() {
        link.close();
        await helper[Symbol.asyncDispose]();
      },
    };
  }

  async #startHelper(pid: number, signal: AbortSignal): Promise<Helper> {
    try {
      const { Config, HostConfig } = await beforeAbort(signal, this.#container.inspect());
      const host = HostConfig.NetworkMode?.replace(/^container:/, '') ?? '';
      const beside = { host, image: Config.Image, labels: Config.Labels };
      return await startHelper(this.#docker, beside, enteringProbe(pid), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new ProbeError(`The probe did not get into a network of the host: ${asError(error).message}`, {
        cause: error,
      });
    }
  }

  async dial(target: ProbeTarget, signal: AbortSignal): Promise<Duplex> {
    return (await beforeAbort(signal, this.#reach())).dial(target, signal);
  }

  /** Resolves once there is a link, over which `dial` begins at once. */
  async untilLinked(signal: AbortSignal): Promise<void> {
    await beforeAbort(signal, this.#reach());
  }

  /** One link for all connections, as each costs the engine a process; made anew when it has broken. */
  #reach(): Promise<ProbeLink> {
    if (this.#link === undefined) {
      const link = this.#connect();
      const forget = () => void (this.#link = undefined);
      link.then(({ closed }) => closed.then(forget), forget);
      this.#link = link;
    }
    return this.#link;
  }

  async #connect(): Promise<ProbeLink> {
    const starting = startExec(this.#container, { Cmd: [PROBE_PROGRAM, 'connect'], AttachStdin: true }).then(
      (started) => new ProbeLink(asConnection(started, this.#docker)),
    );
    try {
      return await beforeAbort(AbortSignal.timeout(START_LIMIT_MS), starting);
    } catch (error) {
      // It may still come.
      starting.then(
        (link) => link.close(),
        () => undefined,
      );
      throw new ProbeError(`The probe did not start: ${asError(error).message}`, { cause: error });
    }
  }
}

/** Start the probe of a host whose container runs. Asleep it takes no processor time, so that it is never frozen. */
export async function startProbe(
  docker: Docker,
  cluster: string,
  host: HostName,
  ground: Pick<Ground, 'labels' | 'probe'>,
): Promise<Probe> {
  const beside = hostContainer(cluster, host);
  const container = await docker.createContainer({
    ...probeContainer(beside, ground.probe),
    name: `${beside}-probe`,
    Labels: { ...ground.labels, [LABELS.cluster]: cluster, [LABELS.probe]: host },
  });
  await container.start();
  return new Probe(docker, container);
}
