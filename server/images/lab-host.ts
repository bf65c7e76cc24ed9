import { join } from 'node:path';
import type { ImageRecipe } from './build-image.ts';
import { LAB_HOST_SECCOMP } from './lab-host-seccomp.ts';

/** The image that every host of a cluster runs. */
export const LAB_HOST: ImageRecipe = {
  name: 'drydock/lab-host',
  context: join(import.meta.dirname, 'lab-host'),
};

/** What Docker gives every container: without one of these an engine in a host could not give it to its own. */
const OF_EVERY_CONTAINER = [
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE'],
  ...['NET_RAW', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
] as const;

/**
 * All that a host's container may, to run an engine of its own without `--privileged`: SYS_ADMIN to mount, to make
 * namespaces and to write to cgroups, NET_ADMIN for bridges, overlay networks and the routing mesh, SYS_PTRACE so that
 * runc may enter the namespaces of a container whose user is another (`docker exec`, health checks). Not SYS_RESOURCE,
 * which would make its disk limit void.
 */
export const LAB_HOST_CAPABILITIES = [...OF_EVERY_CONTAINER, 'SYS_ADMIN', 'NET_ADMIN', 'SYS_PTRACE'] as const;

/** Docker's own profiles refuse what an engine needs: the session keyring of each container, and to mount. */
export const LAB_HOST_SECURITY = [`seccomp=${LAB_HOST_SECCOMP}`, 'apparmor=unconfined'] as const;

/** A host's `/run`: a volume in memory, so that its probe can share it. It has no name of its own, and goes with the two. */
export const LAB_HOST_RUN = {
  Type: 'volume',
  Source: '',
  Target: '/run',
  VolumeOptions: {
    NoCopy: true,
    Labels: {},
    DriverConfig: {
      Name: 'local',
      Options: { type: 'tmpfs', device: 'tmpfs', o: 'mode=755,nosuid,nodev,size=64m' },
    },
  },
} as const;
