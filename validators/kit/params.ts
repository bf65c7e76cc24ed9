import { z } from 'zod';

/** A host of the scenario, `host01` to `host05`; the loader holds it against the scenario's own hosts. */
export const hostName = z.string().regex(/^host0[1-5]$/, 'must be a host name such as host01');
export const hostNames = z.array(hostName).min(1);
/** A service, network or container by its name. */
export const objectName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, 'must be a Docker object name');
export const portNumber = z.int().min(1).max(65_535);
