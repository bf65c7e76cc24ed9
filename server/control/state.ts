import { z } from 'zod';
import { HostName, RunId, Slug, StepId } from '../protocol/index.ts';

/** A lab that runs, as its operator sees it. It says nothing of whose it is. */
export const RunningLab = z.strictObject({
  id: RunId,
  scenario: Slug,
  status: z.enum(['queued', 'provisioning', 'ready', 'finished']),
  /** The step that was opened last. */
  step: StepId,
  /** When it was started, in ISO 8601. */
  since: z.iso.datetime(),
  hosts: z.array(HostName),
  /** Whether the hosts are, as nobody has looked for long; servers that do not say so yet are asked, too. */
  frozen: z.boolean().default(false),
  /** How many pages look at it. */
  viewers: z.int().nonnegative(),
});
export type RunningLab = z.infer<typeof RunningLab>;

/** What a running Drydock says of itself: GET /state. */
export const ControlState = z.strictObject({
  version: z.string(),
  pid: z.int().positive(),
  /** The command that it was started by. */
  command: z.string(),
  status: z.enum(['preparing', 'serving', 'stopping']),
  /** The page's address, once it is served. */
  url: z.url().nullable(),
  labs: z.array(RunningLab),
});
export type ControlState = z.infer<typeof ControlState>;

/** The header with a cluster's id. */
export const CLUSTER_HEADER = 'drydock-cluster';

/** The HTTP routes of a control socket. */
export const controlRoutes = {
  /** GET: a ControlState. */
  state: '/state',
  /** DELETE: ends a lab; 204 once all of it has been removed, 404 where no such lab runs. */
  lab: (id: string) => `/labs/${id}`,
  /**
   * POST: takes a place for a cluster, for as long as the answer, a 200 with the id that the cluster is to have, is not
   * closed; 503 where there is none.
   */
  places: '/places',
  /** POST: ends every lab and then the process; 202 at once. */
  down: '/down',
} as const;
