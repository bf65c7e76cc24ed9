import { join } from 'node:path';
import { cachedFolder, cachedPath } from '../cached-folder.ts';
import type { Work } from '../stages.ts';
import { debianRootVersion, makeDebianRoot, type DebianRoot } from './debian-root.ts';

/** Scripts that go into the guest, and those that make it. */
export const GUEST_FILES = join(import.meta.dirname, 'guest');

const root: DebianRoot = {
  variant: 'minbase',
  packages: [
    ...['docker.io', 'iptables', 'iproute2', 'kmod', 'procps', 'busybox-static', 'cpio', 'xz-utils'],
    // `customize` fetches the kernel from inside, perhaps from an https mirror.
    'ca-certificates',
  ],
  files: GUEST_FILES,
  hooks: ['chroot "$1" /usr/lib/drydock/customize', 'cp /dev/null "$1/etc/apt/sources.list"'],
};

/**
 * The guest's file system as a folder: Debian with a Docker engine, its kernel and initrd under `/boot`. The
 * guest boots from a disk made of it, and its engine is also run natively from it to build images.
 */
export async function makeGuestRoot(cache: string, work: Work): Promise<{ folder: string; version: string }> {
  const version = await debianRootVersion(root);
  const build = (target: string) => makeDebianRoot(root, join(target, 'root'), work);
  const folder = await cachedFolder(cache, 'guest', [version], build, work.signal, GUEST_ESSENTIALS);
  return { folder: join(folder, 'root'), version };
}

/** What the guest boots from; the rest of its file system goes into its disk. */
const GUEST_ESSENTIALS = ['root/boot/vmlinuz', 'root/boot/initrd.img'];

/** Where the guest's file system of this version is, or will be, and its version. */
export async function guestFolder(cache: string): Promise<{ folder: string; version: string }> {
  const version = await debianRootVersion(root);
  return { folder: cachedPath(cache, 'guest', [version]), version };
}
