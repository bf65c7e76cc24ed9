import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const Manifest = z.object({ version: z.string() });

/** This Drydock's version. */
export async function readVersion(root: string): Promise<string> {
  return Manifest.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))).version;
}
