import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EngineFullError } from '../../server/clusters/engine-full-error.ts';
import type { ProvisionCluster } from '../../server/clusters/cluster.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts';

const MINUTE = 60_000;
/** More than the labs' images, which a disk of memory holds. */
const DISK_MIB = 1200;

let engine: PrivateEngine;
let provision: ProvisionCluster;

beforeAll(async () => {
  engine = await startPrivateEngine({ diskMiB: DISK_MIB });
  ({ provisionCluster: provision } = await import('../../server/clusters/provision.ts'));
}, 10 * MINUTE);

afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
}, MINUTE);

const make = () =>
  provision({ hosts: ['host01', 'host02'] }, () => undefined, AbortSignal.timeout(2 * MINUTE));

test(
  'an engine whose disk is full refuses another cluster for that reason, and the one that runs lives',
  async () => {
    await using running = await make();
    const ballast = await fill(engine.data);
    await expect(make()).rejects.toBeInstanceOf(EngineFullError);
    const docker = dockerClient(engine);
    const clusters = await docker.listContainers({ all: true, filters: { label: ['drydock.cluster'] } });
    expect(new Set(clusters.map(({ Labels }) => Labels['drydock.cluster']))).toEqual(new Set([running.id]));
    const host = running.hosts.get('host01');
    const { stdout } = (await host?.exec(['docker', 'info', '--format', '{{.Images}}'], {
      signal: AbortSignal.timeout(MINUTE),
    })) ?? { stdout: '' };
    expect(Number(stdout)).toBeGreaterThan(0);
    await rm(ballast);
    await using another = await make();
    expect(another.hosts.size).toBe(2);
  },
  5 * MINUTE,
);

/** Take what is free of a folder's disk; the path of what does. */
async function fill(folder: string): Promise<string> {
  const path = join(folder, 'ballast');
  const file = await open(path, 'w');
  try {
    const chunk = Buffer.alloc(2 ** 20, 1);
    for (;;) await file.write(chunk);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    await file.close();
  }
  expect((await statfs(folder)).bavail).toBe(0);
  return path;
}
