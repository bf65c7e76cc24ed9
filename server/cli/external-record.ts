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

const Refused = z.strictObject({ key: z.string(), findings: KernelFindings });

const files = (cache: string) => ({
  used: join(cache, 'external-engine.json'),
  refused: join(cache, 'refused-engine.json'),
});

/**
 * The external engine that a Drydock of a cache folder has put something on, if only images: for commands beside and after
 * the server. Null where there is none.
 */
export async function readUsed(cache: string): Promise<Used | null> {
  return Used.safeParse(await readJson(files(cache).used)).data ?? null;
}

export async function keepUsed(cache: string, used: Used): Promise<void> {
  await writeFile(files(cache).used, `${JSON.stringify(used)}\n`);
}

export async function forgetUsed(cache: string): Promise<void> {
  await rm(files(cache).used, { force: true });
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
