import { cpus, totalmem } from 'node:os';

const GIB = 2 ** 30;
/** Memory that the system reports varies a little from start to start; a snapshot is of one size. */
const GRAIN_MIB = 256;

/**
 * What carries out the guest's instructions: QEMU, which translates them, or the machine's own processor. A state that
 * the processor has made is good for one of the same key.
 */
export type Accelerator = { name: 'tcg' } | { name: 'kvm'; key: string };

export const EMULATED: Accelerator = { name: 'tcg' };

/** What the guest gets of the machine; with `egress`, also its way to the internet. */
export type GuestSize = { cores: number; memoryMiB: number; egress?: true };
export type GuestShape = GuestSize & { accelerator: Accelerator };

/** Every processor, and half of the memory within what labs can use and what a small machine can spare; or what is wished. */
export function guestSize({ cores, memoryMiB, egress }: Partial<GuestSize> = {}): GuestSize {
  const bytes = Math.min(Math.max(totalmem() / 2, 2 * GIB), 8 * GIB);
  return {
    cores: cores ?? cpus().length,
    memoryMiB: memoryMiB ?? Math.round(bytes / 2 ** 20 / GRAIN_MIB) * GRAIN_MIB,
    ...(egress && { egress }),
  };
}
