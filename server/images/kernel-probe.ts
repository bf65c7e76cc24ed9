import { join } from 'node:path';
import type Docker from 'dockerode';
import { z } from 'zod';
import type { ImageRecipe } from './build-image.ts';
import { LAB_HOST_CAPABILITIES, LAB_HOST_SECURITY } from './lab-host.ts';

/** An image that looks at the kernel of the engine that it runs on. */
export const KERNEL_PROBE: ImageRecipe = {
  name: 'drydock/kernel-probe',
  context: join(import.meta.dirname, 'kernel-probe'),
};

const LIMIT_MS = 60_000;

/** What hosts need of a kernel whatever the lab is, and what the kernel features that scenarios name consist of. */
const HOST_FEATURES = ['mount', 'cgroup', 'overlayfs', 'bridge', 'veth', 'nat'] as const;
const NEEDS: Readonly<Record<string, readonly string[]>> = { swarm: ['vxlan', 'ip_vs'] };

/** What an engine's kernel lacks. */
export const KernelFindings = z.strictObject({
  /** Of what every host needs: with any of it missing no lab can run there. */
  hosts: z.array(z.string()),
  /** Of what scenarios may need, by the word for it that scenarios use; those that lack nothing are not in it. */
  needs: z.record(z.string(), z.array(z.string())),
});
export type KernelFindings = z.infer<typeof KernelFindings>;

/**
 * Look at the kernel that an engine's containers run on, with a container that has what hosts have and is gone after a
 * second.
 *
 * @param image the name of the probe's image there
 */
export async function lookAtKernel(
  docker: Docker,
  image: string,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<KernelFindings> {
  const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  // As hosts are, but for the network.
  const confinement = {
    NetworkMode: 'none',
    CgroupnsMode: 'private',
    CapAdd: [...LAB_HOST_CAPABILITIES],
    SecurityOpt: [...LAB_HOST_SECURITY],
  };
  const container = await docker.createContainer({
    Image: image,
    Labels: { ...labels },
    // Both streams in one, as on a terminal.
    Tty: true,
    HostConfig: confinement,
    abortSignal,
  });
  try {
    await container.start({ abortSignal });
    await container.wait({ abortSignal });
    return readFindings((await container.logs({ stdout: true, stderr: true })).toString());
  } finally {
    await container.remove({ force: true, v: true });
  }
}

/** What the probe's words mean. A feature that it says nothing of is one that is not there. */
export function readFindings(text: string): KernelFindings {
  const there = new Set([...text.matchAll(/^(\S+) yes\s*$/gm)].map(([, name]) => name));
  const missing = (features: readonly string[]) => features.filter((name) => !there.has(name));
  return {
    hosts: missing(HOST_FEATURES),
    needs: Object.fromEntries(
      Object.entries(NEEDS).flatMap(([need, features]) => {
        const lacks = missing(features);
        return lacks.length === 0 ? [] : [[need, lacks]];
      }),
    ),
  };
}
