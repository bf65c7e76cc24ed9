import { setTimeout as wait } from 'node:timers/promises';
import type { PeerProcess } from '../peer-process.ts';

const POLL_MS = 200;

/** Resolves when a lab server has so many spare clusters ready. */
export async function untilSpares(server: PeerProcess, spares: number): Promise<void> {
  while ((await server.ask('spares')) !== spares) await wait(POLL_MS);
}

/** Resolves when labs that were ended have been removed. */
export async function untilNoLabs(server: PeerProcess): Promise<void> {
  while ((await server.ask('places')) !== 0) await wait(POLL_MS);
}
