import { join } from 'node:path';
import type { ImageRecipe } from './build-image.ts';

/** The image that every host of a cluster runs. */
export const LAB_HOST: ImageRecipe = {
  name: 'drydock/lab-host',
  context: join(import.meta.dirname, 'lab-host'),
};

/**
 * What a host's container needs to run an engine of its own, short of `--privileged`: SYS_ADMIN to mount, to
 * make namespaces and to write to cgroups, NET_ADMIN for bridges, overlay networks and the routing mesh,
 * SYS_PTRACE so that runc may enter a namespace that it does not own.
 */
export const LAB_HOST_CAPABILITIES = ['SYS_ADMIN', 'NET_ADMIN', 'SYS_PTRACE'] as const;

/** The default profile refuses the session keyring that runc makes for each inner container. */
export const LAB_HOST_SECURITY = ['seccomp=unconfined', 'apparmor=unconfined'] as const;

/** A host's `/run`: a volume in memory, so that its probe can share it. It has no name of its own, and goes with the two. */
export const LAB_HOST_RUN = {
  Type: 'volume',
  Source: '',
  Target: '/run',
  VolumeOptions: {
    NoCopy: true,
    Labels: {},
    DriverConfig: { Name: 'local', Options: { type: 'tmpfs', device: 'tmpfs', o: 'mode=755,nosuid,nodev' } },
  },
} as const;
