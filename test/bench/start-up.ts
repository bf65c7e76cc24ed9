import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LABELS } from '../../server/clusters/labels.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { engineBeside } from '../../server/engines/embedded/start-embedded.ts';
import { routes } from '../../server/protocol/index.ts';
import { LabClient } from '../support/lab-client.ts';
import { startDrydock, type DrydockProcess } from '../support/drydock-process.ts';

const POLL_MS = 50;
const ROOT = join(import.meta.dirname, '../..');

/** A clone of the project with a home of its own, in which nothing has been installed or built yet. */
export type FreshClone = { folder: string; home: string };

export async function cloneInto(parent: string): Promise<FreshClone> {
  const clone = { folder: join(parent, 'drydock'), home: join(parent, 'home') };
  await mkdir(clone.home, { recursive: true });
  await promisify(execFile)('git', ['clone', '--quiet', ROOT, clone.folder]);
  return clone;
}

/** `npm start` in that clone, from the key press. Disposing it stops it. */
export interface Started extends DrydockProcess {
  /** The key press, by this process's clock. */
  readonly began: number;
  /** Until the page can be opened. */
  readonly openSeconds: number;
  /** Until labs can be started and the page answers. */
  readonly seconds: number;
}

/** Seconds from the key press to a lab whose hosts are ready, which is started as soon as labs can be; it is ended. */
export async function untilLab({ url, began }: Started, slug: string): Promise<number> {
  using client = new LabClient(url, slug);
  await client.start();
  const seconds = (performance.now() - began) / 1000;
  await client.request('DELETE', routes.session(slug));
  return seconds;
}

/** Resolves when a spare cluster lies ready and frozen. */
export async function untilSpare({ home }: FreshClone): Promise<void> {
  const engine = await engineBeside(join(home, '.cache/drydock'), 'server');
  if (engine === null) throw new Error('There is no engine.');
  const docker = dockerClient(engine);
  const filters = { label: [LABELS.host], status: ['paused'] };
  while ((await docker.listContainers({ filters })).length === 0) await wait(POLL_MS);
}

export async function npmStart({ folder, home }: FreshClone): Promise<Started> {
  const began = performance.now();
  const since = () => (performance.now() - began) / 1000;
  let openSeconds = Infinity;
  await using starting = new AsyncDisposableStack();
  const { url, ended, kill } = starting.use(
    await startDrydock({
      folder,
      environment: { HOME: home, DRYDOCK_CACHE: '', XDG_CACHE_HOME: '', DRYDOCK_ENGINE: 'embedded' },
      onOpen: () => (openSeconds = since()),
      onLine: (line) => process.stderr.write(`  ${line}\n`),
    }),
  );
  const page = await fetch(url);
  const seconds = since();
  if (!page.ok) throw new Error(`The page answered ${page.status}.`);
  const owned = starting.move();
  return { url, ended, kill, began, openSeconds, seconds, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
