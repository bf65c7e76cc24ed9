import { z } from 'zod';
import { askState } from '../control/control-client.ts';
import { ControlState } from '../control/state.ts';
import { runningMachines } from '../engines/embedded/running-machines.ts';
import { showSpan } from './quantities.ts';
import { table } from './table.ts';

/** What `ps --json` prints. */
export const PsReport = z.strictObject({
  /** The Drydock that runs; null where none does. */
  server: ControlState.omit({ labs: true }).nullable(),
  labs: ControlState.shape.labs,
});
export type PsReport = z.infer<typeof PsReport>;

export async function ps(cache: string): Promise<PsReport> {
  const state = await askState(cache);
  if (state === null) return { server: null, labs: [] };
  const { labs, ...server } = state;
  return { server, labs };
}

/** The same for a person. */
export async function describePs({ server, labs }: PsReport, cache: string, now: number): Promise<string> {
  if (server === null) {
    const left = await runningMachines(cache);
    return left.length === 0
      ? 'No Drydock is running.\n'
      : 'No Drydock is running, but the engine of one that was killed is. Start Drydock to take it over, or end it with “npm run drydock -- down”.\n';
  }
  const where = server.url === null ? '' : ` at ${server.url}`;
  if (labs.length === 0) {
    return `No labs are running. Drydock is ${server.status} (${server.command}, process ${server.pid})${where}.\n`;
  }
  return table([
    ['ID', 'SCENARIO', 'STATUS', 'STEP', 'STARTED', 'HOSTS', 'VIEWERS'],
    ...labs.map(({ id, scenario, status, step, since, hosts, frozen, viewers }) => [
      id.slice(0, 8),
      scenario,
      frozen ? `${status}, frozen` : status,
      step,
      `${showSpan(now - Date.parse(since))} ago`,
      hosts.join(','),
      String(viewers),
    ]),
  ]);
}
