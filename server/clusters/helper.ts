import { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { z } from 'zod';
import { beforeAbort } from '../engines/before-abort.ts';
import { LABELS } from './labels.ts';

/** A container that was started for one look of a check. It goes when it is disposed of, and with whoever started it. */
export interface Helper extends AsyncDisposable {
  /** Its exit code, once it has ended and is gone. */
  readonly exited: Promise<number>;
  /** Its standard streams, as the engine multiplexes them. */
  readonly stream: Duplex;
}

/** What of a host's or a probe's container a helper is made after; `host` is the id of the host's container. */
export type Beside = { host: string; image: string; labels: Readonly<Record<string, string>> };

const Ended = z.object({ StatusCode: z.int() });

const MIB = 2 ** 20;

/** Start a helper beside a host: in its network and among its processes. */
export async function startHelper(
  docker: Docker,
  { host, image, labels }: Beside,
  options: Pick<Docker.ContainerCreateOptions, 'Entrypoint' | 'Cmd' | 'Env' | 'HostConfig'>,
  signal: AbortSignal,
): Promise<Helper> {
  const { [LABELS.host]: name = '', [LABELS.probe]: probe = name, ...shared } = labels;
  const container = await docker.createContainer({
    ...options,
    Image: image,
    Labels: { ...shared, [LABELS.helper]: probe },
    // Its end is the helper's: nothing is left of one whose owner was killed.
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      NetworkMode: `container:${host}`,
      PidMode: `container:${host}`,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      // Docker's own profile would keep it from the processes of a host, which has none.
      SecurityOpt: ['no-new-privileges', 'apparmor=unconfined'],
      Memory: 64 * MIB,
      MemorySwap: 64 * MIB,
      PidsLimit: 64,
      LogConfig: { Type: 'none', Config: {} },
      AutoRemove: true,
      ...options.HostConfig,
    },
  });
  const remove = async () => {
    // It may be removing itself at this moment.
    await container.remove({ force: true }).catch(() => undefined);
  };
  try {
    const attached = { stream: true, hijack: true, stdin: true, stdout: true, stderr: true };
    const stream = await container.attach(attached);
    if (!(stream instanceof Duplex)) throw new TypeError('A helper has no streams of its own.');
    stream.on('error', () => undefined);
    // Asked before it runs: one that has ended removes itself and cannot be asked any more.
    const exited = container.wait({ condition: 'removed' }).then((ended) => Ended.parse(ended).StatusCode);
    exited.catch(() => undefined);
    await beforeAbort(signal, container.start());
    return {
      exited,
      stream,
      async [Symbol.asyncDispose]() {
        stream.destroy();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
