import { join } from 'node:path';
import type { ImageRecipe } from './build-image.ts';

/** The image of the probe that stands beside each host: one program, which opens connections from where the host is. */
export const PROBE: ImageRecipe = {
  name: 'drydock/probe',
  context: join(import.meta.dirname, 'probe'),
};

/** Where the program is in it. */
export const PROBE_PROGRAM = '/drydock-probe';
