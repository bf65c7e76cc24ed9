import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ExternalAnswer } from '../engines/external/external-answer.ts';
import { Ground } from '../images/ground.ts';
import { KernelFindings } from '../images/kernel-probe.ts';

const Used = z.strictObject({
  engine: ExternalAnswer,
  owner: z.string(),
  /** Null until everything is there. */
  ground: Ground.nullable(),
});
export type Used = z.infer<typeof Used>;

const UsedRecord = z.strictObject({
  /** The one that labs run on, or ran on last, is the first. */
  engines: z.array(Used),
  /** Whether labs run on the first, or ran on it last; else that was an engine of Drydock's own. */
  serves: z.boolean(),
});
type UsedRecord = z.infer<typeof UsedRecord>;

const Refused = z.strictObject({ key: z.string(), findings: KernelFindings });

const files = (cache: string) => ({
  used: join(cache, 'external-engines.json'),
  refused: join(cache, 'refused-engine.json'),
});

/** Whether two answers are of one engine, by whatever address each was asked. */
export const isSameEngine = (one: ExternalAnswer, other: ExternalAnswer): boolean =>
  one.id === '' || other.id === ''
    ? one.environment.DOCKER_HOST === other.environment.DOCKER_HOST
    : one.id === other.id;

/** Every external engine that a Drydock of a cache folder has put something on, if only images, the newest first. */
export const readAllUsed = async (cache: string): Promise<readonly Used[]> =>
  (await readRecord(cache)).engines;

/** The external engine that labs run on, or ran on last; null where that was one of Drydock's own, or none. */
export async function readUsed(cache: string): Promise<Used | null> {
  const { engines, serves } = await readRecord(cache);
  return serves ? (engines[0] ?? null) : null;
}

/** To be called when labs are to run on an external engine, and again when everything is there. */
export async function keepUsed(cache: string, used: Used): Promise<void> {
  const { engines } = await readRecord(cache);
  const others = engines.filter(({ engine }) => !isSameEngine(engine, used.engine));
  await writeRecord(cache, { engines: [used, ...others], serves: true });
}

/** To be called when labs are to run on an engine of Drydock's own: what is kept on others is still known. */
export async function keepUnused(cache: string): Promise<void> {
  const record = await readRecord(cache);
  if (record.serves) await writeRecord(cache, { ...record, serves: false });
}

/** To be called when nothing of Drydock's is on an engine any more. */
export async function forgetUsed(cache: string, used: ExternalAnswer): Promise<void> {
  const { engines, serves } = await readRecord(cache);
  const others = engines.filter(({ engine }) => !isSameEngine(engine, used));
  if (others.length === 0) await rm(files(cache).used, { force: true });
  else await writeRecord(cache, { engines: others, serves: serves && engines[0] === others[0] });
}

async function readRecord(cache: string): Promise<UsedRecord> {
  return UsedRecord.safeParse(await readJson(files(cache).used)).data ?? { engines: [], serves: false };
}

async function writeRecord(cache: string, record: UsedRecord): Promise<void> {
  await writeFile(files(cache).used, `${JSON.stringify(record)}\n`);
}

/** What an engine's kernel lacked when it was looked at, so that it is not built on again only to be refused again. */
export async function readRefused(cache: string, key: string): Promise<KernelFindings | null> {
  const refused = Refused.safeParse(await readJson(files(cache).refused)).data;
  return refused?.key === key ? refused.findings : null;
}

export async function keepRefused(cache: string, key: string, findings: KernelFindings): Promise<void> {
  await writeFile(files(cache).refused, `${JSON.stringify({ key, findings })}\n`);
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => 'null');
  try {
    return JSON.parse(text);
  } catch {
    // Cut off while it was written: it is written anew.
    return null;
  }
}
