import { cpus, totalmem } from 'node:os';

const GIB = 2 ** 30;
/** Memory that the system reports varies a little from start to start; a snapshot is of one size. */
const GRAIN_MIB = 256;

/** What the guest gets of the machine. */
export type GuestShape = { cores: number; memoryMiB: number };

/** Every processor, and half of the memory within what labs can use and what a small machine can spare; or what is wished. */
export function guestShape({ cores, memoryMiB }: Partial<GuestShape> = {}): GuestShape {
  const bytes = Math.min(Math.max(totalmem() / 2, 2 * GIB), 8 * GIB);
  return {
    cores: cores ?? cpus().length,
    memoryMiB: memoryMiB ?? Math.round(bytes / 2 ** 20 / GRAIN_MIB) * GRAIN_MIB,
  };
}
