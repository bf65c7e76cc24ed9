import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { z } from 'zod';
import { LABELS } from '../../server/clusters/labels.ts';
import { ClusterPool } from '../../server/clusters/pool.ts';
import type { ProvisionCluster } from '../../server/clusters/cluster.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { runProgram } from '../../server/engines/run-program.ts';
import { IMAGE_STORE } from '../../server/images/image-store.ts';
import { footprintOf } from '../support/engine-footprint.ts';
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts';
import type { Group } from './bench.ts';
import { hostFiles, makeBareCluster } from './bare-cluster.ts';
import { compared, measured, percentile, type Row } from './row.ts';
import { makeSwarm } from './swarm.ts';

const HOSTS = ['host01', 'host02'] as const;
const COLD_ROUNDS = 7;
const WARM_ROUNDS = 40;
const CYCLES = 200;
const AT_ONCE = 5;
const IDLE_MS = 20_000;
const MIB = 2 ** 20;
const MINUTE = 60_000;
const NO_IMAGES = 'bench-no-images';
/** What the kernel would give back at once, by the names of both versions of its control groups. */
const PageCache = z.object({ total_inactive_file: z.number().optional(), inactive_file: z.number() });
const limit = () => AbortSignal.timeout(120_000);

/** Rows of clusters on an engine that runs on this machine's own kernel, whose hosts have over 400 MB of images. */
export async function measureClusters(group: Group): Promise<void> {
  const ballast = { name: 'bench/ballast', context: join(import.meta.dirname, 'ballast') };
  await using engine = await startPrivateEngine({ name: 'ballast', recipes: [ballast] });
  const { provisionCluster } = await import('../../server/clusters/provision.ts');
  const bench = new ClusterBench(engine, provisionCluster, await hostFiles(), group.say);
  await group.measure('cold', 5 * MINUTE, () => bench.cold());
  await group.measure('images', 5 * MINUTE, () => bench.images());
  await group.measure('warm', 5 * MINUTE, () => bench.warm());
  await group.measure('idle', 2 * MINUTE, () => bench.idle());
  await group.measure('cycles', 15 * MINUTE, () => bench.cycles());
}

class ClusterBench {
  readonly #engine: PrivateEngine;
  readonly #docker: Docker;
  readonly #provision: ProvisionCluster;
  readonly #files: Buffer;
  readonly #say: (text: string) => void;

  constructor(
    engine: PrivateEngine,
    provision: ProvisionCluster,
    files: Buffer,
    say: (text: string) => void,
  ) {
    this.#engine = engine;
    this.#docker = dockerClient(engine);
    this.#provision = provision;
    this.#files = files;
    this.#say = say;
  }

  async cold(): Promise<Row[]> {
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 1; round <= COLD_ROUNDS; round++) {
      this.#say(`a cluster and its swarm, native, round ${round} of ${COLD_ROUNDS}`);
      bare.push(
        await milliseconds(async () => {
          const { ids, remove } = await makeBareCluster(this.#docker, HOSTS, this.#files, IMAGE_STORE);
          await this.#swarm(ids);
          return remove;
        }),
      );
      ours.push(
        await milliseconds(async () => {
          const cluster = await this.#make();
          await this.#swarm(await this.#idsOf(cluster.id));
          return () => cluster[Symbol.asyncDispose]();
        }),
      );
    }
    return [
      compared('two hosts, swarm init, second node ready, native; a bare script', 'ms', ours, bare, 1.25),
    ];
  }

  async images(): Promise<Row[]> {
    await this.#docker.createVolume({ Name: NO_IMAGES });
    const full: number[] = [];
    const empty: number[] = [];
    const grown: number[] = [];
    for (let round = 1; round <= COLD_ROUNDS; round++) {
      this.#say(`hosts with images and without, round ${round} of ${COLD_ROUNDS}`);
      const disk: number[] = [];
      for (const [volume, times] of [
        [NO_IMAGES, empty],
        [IMAGE_STORE, full],
      ] as const) {
        times.push(
          await milliseconds(async () => {
            const { remove } = await makeBareCluster(this.#docker, HOSTS, this.#files, volume);
            return async () => {
              disk.push(await this.#diskMiB());
              await remove();
            };
          }),
        );
      }
      grown.push((disk[1] ?? NaN) - (disk[0] ?? NaN));
    }
    await this.#docker.getVolume(NO_IMAGES).remove();
    const more = full.map((value, round) => value - (empty[round] ?? NaN));
    return [
      measured('400 MB of images in two hosts: more time to start than without', 'ms', more, 150),
      measured('400 MB of images in two hosts: more disk than without', 'MiB', grown, 4),
    ];
  }

  async warm(): Promise<Row[]> {
    const ours: number[] = [];
    const bare: number[] = [];
    const reference = await makeBareCluster(this.#docker, ['host01'], this.#files, IMAGE_STORE);
    await using pool = new ClusterPool({
      provision: this.#provision,
      wanted: () => [{ hosts: HOSTS }],
      room: () => 1,
      onError: (error) => this.#say(String(error)),
    });
    for (let round = 1; round <= WARM_ROUNDS; round++) {
      if (round % 10 === 1) this.#say(`claims from the pool, native, round ${round} of ${WARM_ROUNDS}`);
      pool.fill();
      await this.#untilFrozen();
      bare.push(await this.#firstByte(reference.ids.get('host01') ?? ''));
      ours.push(
        await milliseconds(async () => {
          const cluster = await pool.provision({ hosts: HOSTS }, () => undefined, limit());
          const pty = await cluster.hosts.get('host01')?.openPty({ columns: 80, rows: 24 });
          for await (const _ of pty?.output ?? []) break;
          return () => cluster[Symbol.asyncDispose]();
        }),
      );
    }
    await reference.remove();
    return [
      compared('claim to the first byte of a prompt, native; a bare exec', 'ms', ours, bare, 2),
      measured(
        'claim to the first byte of a prompt, native, 99th percentile',
        'ms',
        [percentile(ours, 99)],
        250,
      ),
    ];
  }

  async idle(): Promise<Row[]> {
    this.#say('an idle cluster, and a frozen one');
    await using cluster = await this.#make();
    await wait(IDLE_MS);
    const ids = [...(await this.#idsOf(cluster.id)).values()];
    const memory = await this.#sum(ids, ({ memory_stats: { usage, stats } }) => {
      const { total_inactive_file: v1, inactive_file: v2 } = PageCache.parse(stats);
      return (usage - (v1 ?? v2)) / MIB;
    });
    const busy = () => this.#sum(ids, ({ cpu_stats }) => cpu_stats.cpu_usage.total_usage / 1e6);
    await cluster.freeze();
    const before = await busy();
    await wait(IDLE_MS);
    const after = await busy();
    await cluster.thaw();
    return [
      measured('an idle cluster of two hosts: memory', 'MiB', [memory], 90),
      measured('a frozen spare: processor time a second', 'ms', [(after - before) / (IDLE_MS / 1000)], 0.1),
    ];
  }

  async cycles(): Promise<Row[]> {
    await this.#makeAndRemove(AT_ONCE);
    const before = await footprintOf(this.#engine);
    this.#say(`${CYCLES} clusters made and removed, ${AT_ONCE} at a time`);
    const took = await milliseconds(async () => {
      await this.#makeAndRemove(CYCLES);
      return async () => undefined;
    });
    const after = await footprintOf(this.#engine);
    const name = `${CYCLES} clusters made and removed, ${AT_ONCE} at a time`;
    return [
      measured(`${name}: each`, 'ms', [took / CYCLES], null),
      measured(
        `${name}: containers, networks, volumes, processes, mounts left`,
        '',
        [
          Math.max(
            ...(['containers', 'networks', 'volumes', 'processes', 'mounts'] as const).map((what) =>
              Math.abs(after[what] - before[what]),
            ),
          ),
        ],
        0,
      ),
      measured(`${name}: open files left`, '', [after.openFiles - before.openFiles], 20),
      measured(`${name}: disk left`, 'MiB', [(after.disk - before.disk) / 1024], 16),
    ];
  }

  async #makeAndRemove(count: number): Promise<void> {
    let left = count;
    const worker = async () => {
      while (left-- > 0) await (await this.#make())[Symbol.asyncDispose]();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  #make() {
    return this.#provision({ hosts: HOSTS }, () => undefined, limit());
  }

  async #swarm(ids: ReadonlyMap<string, string>): Promise<void> {
    await makeSwarm(this.#docker, ids.get('host01') ?? '', ids.get('host02') ?? '');
  }

  /** All containers of a cluster, by the names of hosts or their own. */
  async #idsOf(cluster: string): Promise<ReadonlyMap<string, string>> {
    const filters = { label: [`${LABELS.cluster}=${cluster}`] };
    const found = await this.#docker.listContainers({ filters });
    return new Map(found.map(({ Id, Labels, Names }) => [Labels[LABELS.host] ?? Names.join(), Id]));
  }

  async #untilFrozen(): Promise<void> {
    const filters = { label: [LABELS.host], status: ['paused'] };
    while ((await this.#docker.listContainers({ filters })).length < HOSTS.length) await wait(50);
  }

  /** From asking for a shell to its first byte, by the API alone. */
  async #firstByte(id: string): Promise<number> {
    return milliseconds(async () => {
      const options = { Cmd: ['bash', '-l'], AttachStdin: true, AttachStdout: true, AttachStderr: true };
      const exec = await this.#docker.getContainer(id).exec({ ...options, Tty: true });
      const stream = await exec.start({ hijack: true, stdin: true, Tty: true });
      for await (const _ of stream) break;
      return async () => void stream.destroy();
    });
  }

  async #sum(ids: readonly string[], figure: (stats: Docker.ContainerStats) => number): Promise<number> {
    const stats = await Promise.all(
      ids.map((id) => this.#docker.getContainer(id).stats({ stream: false, 'one-shot': true })),
    );
    return stats.map(figure).reduce((sum, value) => sum + value, 0);
  }

  async #diskMiB(): Promise<number> {
    const [kib = ''] = (await runProgram('du', ['-sxk', this.#engine.data])).split('\t');
    return Number(kib) / 1024;
  }
}

/** What a piece of work takes; what it returns is done afterwards, and not counted. */
async function milliseconds(work: () => Promise<() => PromiseLike<unknown>>): Promise<number> {
  const began = performance.now();
  const tidy = await work();
  const took = performance.now() - began;
  await tidy();
  return took;
}
