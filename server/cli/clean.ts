import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { askState } from '../control/control-client.ts';
import { lockFolder } from '../control/folder-lock.ts';
import { LABELS } from '../clusters/labels.ts';
import { answerLimit, beforeAbort } from '../engines/before-abort.ts';
import { dockerClient } from '../engines/docker-client.ts';
import { OWNER_LABEL } from '../engines/owner.ts';
import { removeAllOf } from '../engines/external/external-engine.ts';
import { exists } from '../engines/cached-folder.ts';
import { diskUsage } from '../engines/disk-usage.ts';
import { runningMachines } from '../engines/embedded/running-machines.ts';
import { isRunFolder } from '../engines/embedded/run-folder.ts';
import { removeTree } from '../engines/remove-tree.ts';
import { isSystemError } from '../engines/system-error.ts';
import { UserError } from '../engines/user-error.ts';
import { removeShared, sharedBytes } from '../images/shared-things.ts';
import { loadScenarios } from '../scenarios/load-scenarios.ts';
import type { EngineConfig } from './engine-contents.ts';
import { forgetUsed, readAllUsed } from './external-record.ts';
import { currentFolders, findParts } from './parts.ts';
import { showBytes } from './quantities.ts';
import { scenarioFolders } from './scenario-folders.ts';
import { table } from './table.ts';

/** An engine that does not answer is not waited for. */
const ANSWER_LIMIT_MS = 10_000;

const KINDS = {
  built: 'built for this version',
  older: 'of another version',
  partial: 'half-made',
  run: 'of an engine that ran',
  engine: 'images on a Docker engine of yours',
} as const;

/** The folders of `cachedFolder` and `openControl`, as exactly as they can be told: the folder may hold other things. */
const FINISHED = /^[a-z]+-[0-9a-f]{16}$/;
const PARTIAL = /^([a-z]+-[0-9a-f]{16}\.partial-[0-9a-f]{8}-\d+|control\.partial-\w{6})$/;

/** What `clean --json` prints. */
export const CleanReport = z.strictObject({
  cache: z.string(),
  items: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum(['built', 'older', 'partial', 'run', 'engine']),
      /** What it takes on the disk. */
      bytes: z.int().nonnegative(),
    }),
  ),
  bytes: z.int().nonnegative(),
  removed: z.boolean(),
});
export type CleanReport = z.infer<typeof CleanReport>;

/**
 * What could be removed from a cache folder. What Drydock did not make there is not in it, nor what it keeps of its
 * users.
 *
 * @param current the folders that this version is built in
 */
export async function findRemovable(cache: string, current: ReadonlySet<string>): Promise<CleanReport> {
  const names = await readdir(cache).catch((error: unknown): string[] => {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  });
  const kindOf = (name: string): Exclude<keyof typeof KINDS, 'engine'> | null => {
    if (PARTIAL.test(name)) return 'partial';
    if (isRunFolder(name)) return 'run';
    if (!FINISHED.test(name)) return null;
    return current.has(join(cache, name)) ? 'built' : 'older';
  };
  const items: CleanReport['items'] = [];
  for (const name of names.toSorted()) {
    const kind = kindOf(name);
    if (kind !== null) items.push({ name, kind, bytes: await diskUsage(join(cache, name)) });
  }
  return { cache, items, bytes: items.reduce((sum, { bytes }) => sum + bytes, 0), removed: false };
}

export function describeRemovable({ cache, items, bytes }: CleanReport): string {
  if (items.length === 0) return `There is nothing to remove in ${cache}.\n`;
  const rows = items.map((item) => [`  ${item.name}`, showBytes(item.bytes), KINDS[item.kind]]);
  const again = items.some(({ kind }) => kind === 'built' || kind === 'engine')
    ? 'The next start builds again what this version needs, which takes a few minutes.\n'
    : '';
  return `In ${cache}:\n${table(rows)}${showBytes(bytes)} would be free. ${again}`.trimEnd() + '\n';
}

export function describeRemoved({ items, bytes, removed }: CleanReport): string {
  if (items.length === 0) return '';
  return removed ? `Removed; ${showBytes(bytes)} are free again.\n` : 'Nothing was removed.\n';
}

/** What could be removed from this version's cache folder; refused while anything runs from it. */
export async function findOfAll(
  config: EngineConfig & Pick<Config, 'scenarios' | 'ownLabs'>,
  root: string,
): Promise<CleanReport> {
  const { cache } = config;
  await requireNothingRuns(cache);
  const { scenarios } = await loadScenarios(...(await scenarioFolders(root, config)));
  const folders = await findRemovable(
    cache,
    await currentFolders(cache, await findParts(config, scenarios.values())),
  );
  const images = await findOnEngine(cache);
  return {
    ...folders,
    items: [...folders.items, ...images],
    bytes: images.reduce((sum, { bytes }) => sum + bytes, folders.bytes),
  };
}

/** Remove what was found, with nobody using it meanwhile. */
export async function removeFound(report: CleanReport): Promise<CleanReport> {
  if (report.items.length === 0) return report;
  await using lock = await lockFolder(report.cache);
  if (lock === null) throw inUse();
  for (const { name, kind } of report.items) {
    if (kind === 'engine') await removeFromEngine(report.cache, name);
    else await removeTree(join(report.cache, name));
  }
  return { ...report, removed: true };
}

/** What is kept on Docker engines that are somebody else's; nothing of one that cannot be asked. */
export async function findOnEngine(cache: string): Promise<CleanReport['items']> {
  const items = await Promise.all(
    (await readAllUsed(cache)).map(async ({ engine, owner }) => {
      const { DOCKER_HOST: name } = engine.environment;
      const bytes = await sharedBytes(dockerClient(engine), owner).catch(() => null);
      return bytes === null ? [] : [{ name, kind: 'engine' as const, bytes }];
    }),
  );
  return items.flat();
}

async function removeFromEngine(cache: string, name: string): Promise<void> {
  const used = (await readAllUsed(cache)).find(({ engine }) => engine.environment.DOCKER_HOST === name);
  if (used === undefined) return;
  const docker = dockerClient(used.engine);
  await removeAllOf(docker, used.owner);
  await removeShared(docker, used.owner);
  await forgetUsed(cache, used.engine);
}

/** Refuse while anything runs from a cache folder. */
async function requireNothingRuns(cache: string): Promise<void> {
  if (!(await exists(cache))) return;
  const [state, machines, used] = await Promise.all([
    askState(cache),
    runningMachines(cache),
    readAllUsed(cache),
  ]);
  if (state !== null || machines.length > 0) throw inUse();
  // Labs that a server has left on another's engine run on as well.
  const hosts = await Promise.all(used.map(({ engine, owner }) => countHosts(dockerClient(engine), owner)));
  if (hosts.some((count) => count > 0)) throw inUse();
}

/** How many hosts of labs an owner has on an engine; none where that cannot be asked. */
async function countHosts(docker: Docker, owner: string): Promise<number> {
  const filters = { label: [`${OWNER_LABEL}=${owner}`, LABELS.host] };
  const asked = docker.listContainers({ all: true, filters });
  return beforeAbort(answerLimit(ANSWER_LIMIT_MS), asked).then(
    ({ length }) => length,
    () => 0,
  );
}

const inUse = () =>
  new UserError(
    'Drydock is running, so nothing was removed. End it with “npm run drydock -- down” and try again.',
  );
