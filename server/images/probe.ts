import { join } from 'node:path';
import type Docker from 'dockerode';
import type { ImageRecipe } from './build-image.ts';

/** The image of the probe that stands beside each host: one program, which opens connections from where the host is. */
export const PROBE: ImageRecipe = {
  name: 'drydock/probe',
  context: join(import.meta.dirname, 'probe'),
};

/** Where the program is in it. */
export const PROBE_PROGRAM = '/drydock-probe';

const MIB = 2 ** 20;

/** What a probe's container is made with, beside the one that is the host. */
export const probeContainer = (host: string, image: string = PROBE.name) =>
  ({
    Image: image,
    HostConfig: {
      NetworkMode: `container:${host}`,
      VolumesFrom: [`${host}:ro`],
      ReadonlyRootfs: true,
      // It is the owner of the engine's socket and needs no more.
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      // The engine's own program that starts it, in Go, counts for a moment.
      Memory: 32 * MIB,
      MemorySwap: 32 * MIB,
      PidsLimit: 32,
      LogConfig: { Type: 'none', Config: {} },
      RestartPolicy: { Name: 'always' },
    },
  }) satisfies Docker.ContainerCreateOptions;

/**
 * The same program in the network of one of a host's processes. To get there it needs what a host has, too, and to be
 * among the host's processes.
 */
export const enteringProbe = (pid: number) =>
  ({
    Cmd: ['connect', `/proc/${pid}/ns/net`],
    HostConfig: { CapAdd: ['SYS_ADMIN', 'SYS_PTRACE'] },
  }) satisfies Docker.ContainerCreateOptions;
