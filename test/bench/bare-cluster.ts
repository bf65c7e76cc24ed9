import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import ssh2 from 'ssh2';
import { runProgram } from '../../server/engines/run-program.ts';
import { IMAGE_STORE_PATH } from '../../server/images/image-store.ts';
import {
  LAB_HOST,
  LAB_HOST_CAPABILITIES,
  LAB_HOST_RUN,
  LAB_HOST_SECURITY,
} from '../../server/images/lab-host.ts';
import { probeContainer } from '../../server/images/probe.ts';

/** A cluster without Drydock: its containers' ids by the hosts' names. */
export type BareCluster = { ids: ReadonlyMap<string, string>; remove: () => Promise<void> };

/** What a host's engine says once it takes commands. */
const READY = 'API listen on /var/run/docker.sock';

/** The files that a host is given, as a tar, made once: a script would not make them for each cluster either. */
export async function hostFiles(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-bench-'));
  try {
    const key = ssh2.utils.generateKeyPairSync('ed25519');
    await writeFile(join(folder, 'id_ed25519'), key.private, { mode: 0o600 });
    await writeFile(join(folder, 'authorized_keys'), key.public, { mode: 0o600 });
    const tar = join(folder, 'files.tar');
    await runProgram('tar', ['-cf', tar, '-C', folder, 'id_ed25519', 'authorized_keys']);
    return await readFile(tar);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The API calls that make a cluster, one after the other for each host and hosts at once, and nothing else. */
export async function makeBareCluster(
  docker: Docker,
  hosts: readonly string[],
  files: Buffer,
  imageVolume: string,
): Promise<BareCluster> {
  const id = `bare-${randomBytes(4).toString('hex')}`;
  const network = await docker.createNetwork({
    Name: id,
    Driver: 'bridge',
    IPAM: { Driver: 'default', Config: [{ Subnet: '172.20.0.0/28' }] },
  });
  const containers = await Promise.all(
    hosts.map(async (host) => {
      const options = {
        Image: LAB_HOST.name,
        name: `${id}-${host}`,
        Hostname: host,
        HostConfig: {
          NetworkMode: id,
          CapAdd: [...LAB_HOST_CAPABILITIES],
          SecurityOpt: [...LAB_HOST_SECURITY],
          Binds: [`${imageVolume}:${IMAGE_STORE_PATH}:ro`],
          Init: true,
          CgroupnsMode: 'private',
          Tmpfs: { '/tmp': 'exec' },
          Mounts: [LAB_HOST_RUN],
        },
        NetworkingConfig: { EndpointsConfig: { [id]: { Aliases: [host] } } },
      };
      // Not written into the call: the client's types lack the cgroup namespace.
      const container = await docker.createContainer(options);
      await container.putArchive(files, { path: '/root' });
      await container.start();
      const probe = await docker.createContainer({
        ...probeContainer(container.id),
        name: `${id}-${host}-probe`,
      });
      await probe.start();
      const log = await container.logs({ follow: true, stdout: true, stderr: true });
      let said = '';
      log.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
      while (!said.includes(READY)) await once(log, 'data');
      if ('destroy' in log && typeof log.destroy === 'function') log.destroy();
      return [host, container.id, probe.id] as const;
    }),
  );
  return {
    ids: new Map(containers.map(([host, container]) => [host, container])),
    async remove() {
      await Promise.all(
        containers
          .flatMap(([, ...ids]) => ids)
          .map((container) => docker.getContainer(container).remove({ force: true, v: true })),
      );
      await network.remove();
    },
  };
}
