import type Docker from 'dockerode';
import { z } from 'zod';

const MIB = 2 ** 20;
const MEMORY_MIB = 1024;
const PIDS = 2048;
const DISK_MIB = 2048;

/** What the embedded engine's runtime is told of a host's disk (`engines/embedded/guest/limit-disk`). */
const DISK_ANNOTATION = 'drydock.disk-mib';
/** The runtime that keeps to it. */
const LIMITING_RUNTIME = 'drydock';

/**
 * The limits of each host, as its container is made with them. Of the processor every host has the same share, but as
 * much as it wants while others want less: one of two cores would be idle under a quota that protects no better.
 */
export const HOST_LIMITS = {
  Memory: MEMORY_MIB * MIB,
  // No swap besides.
  MemorySwap: MEMORY_MIB * MIB,
  PidsLimit: PIDS,
  CpuShares: 1024,
  Annotations: { [DISK_ANNOTATION]: String(DISK_MIB) },
} as const;

/** Which of the limits an engine keeps a host to; null where it does not. */
export type HostLimits = {
  cpu: 'share' | null;
  memoryMiB: number | null;
  pids: number | null;
  /** All that a host writes, in its own file system and to its engine's. */
  diskMiB: number | null;
};

const Information = z.object({
  CPUShares: z.boolean(),
  MemoryLimit: z.boolean(),
  PidsLimit: z.boolean(),
  DefaultRuntime: z.string(),
});

/** Ask an engine which limits it keeps hosts to, so that whoever operates it can be told what it does not. */
export async function enforcedLimits(docker: Docker): Promise<HostLimits> {
  const engine = Information.parse(await docker.info());
  return {
    cpu: engine.CPUShares ? 'share' : null,
    memoryMiB: engine.MemoryLimit ? MEMORY_MIB : null,
    pids: engine.PidsLimit ? PIDS : null,
    diskMiB: engine.DefaultRuntime === LIMITING_RUNTIME ? DISK_MIB : null,
  };
}
