import { z } from 'zod';
import { OWNER_LABEL } from '../engines/owner.ts';
import { IMAGE_STORE } from './image-store.ts';
import { LAB_HOST } from './lab-host.ts';
import { PROBE } from './probe.ts';
import { HUB } from './registry.ts';

/** What of an engine clusters are made from, and on whose behalf. */
export const Ground = z.strictObject({
  /** On everything that is made there. */
  labels: z.record(z.string(), z.string()),
  /** The image of hosts. */
  labHost: z.string(),
  /** The image of what stands beside each host. */
  probe: z.string(),
  /** The volume with the images that hosts attach. */
  imageStore: z.string(),
  /** The registry: at one address that every cluster is let through to, or a container that is put beside each. */
  registry: z.union([z.strictObject({ address: z.string() }), z.strictObject({ container: z.string() })]),
  /** The container that is put beside each cluster to let it out to the internet; null where none is. */
  egress: z.strictObject({ container: z.string() }).nullable(),
  /** What keeps a cluster's network from leading anywhere, where the engine around it does not. */
  network: z.strictObject({ Internal: z.boolean(), Options: z.record(z.string(), z.string()) }),
});
export type Ground = z.infer<typeof Ground>;

/** Drydock's own engine, which is made with all of it and has a firewall around it. */
export const embeddedGround = (owner: string): Ground => ({
  labels: { [OWNER_LABEL]: owner },
  labHost: LAB_HOST.name,
  probe: PROBE.name,
  imageStore: IMAGE_STORE,
  registry: { address: HUB.address },
  egress: null,
  network: { Internal: false, Options: {} },
});
