import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPage } from '../../server/cli/build-page.ts';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = ['server', 'validators', 'web', 'package.json', 'package-lock.json'];
const ALPINE = 'scenarios/swarm-load-balancing/images/alpine';

/** The slug of its only lab. */
export const PLAIN = 'plain';

const SCENARIO = `title:
  en: A plain lab
summary:
  en: One host, one step, one image.
minutes: 5
hosts: [host01]
images: [alpine]
intro: intro
steps:
  - id: only
    title:
      en: The only step
    text: step
finish: finish
`;

/** A copy of the project with a lab that every kernel can run, whose image is quickly built. */
export interface PlainProject extends AsyncDisposable {
  readonly path: string;
}

export async function plainProject(): Promise<PlainProject> {
  // Found again by the copy, which could not build it: the packages are not in its own folder.
  await buildPage(ROOT, { onLine: () => undefined, signal: AbortSignal.timeout(60_000) });
  const path = await mkdtemp(join(tmpdir(), 'drydock-project-'));
  await Promise.all(SOURCES.map((name) => cp(join(ROOT, name), join(path, name), { recursive: true })));
  await symlink(join(ROOT, 'node_modules'), join(path, 'node_modules'));
  const lab = join(path, 'scenarios', PLAIN);
  await cp(join(ROOT, ALPINE), join(lab, 'images/alpine'), { recursive: true });
  await writeAll(lab, {
    'scenario.yaml': SCENARIO,
    'intro.md': 'Hello.',
    'step.md': 'Do.',
    'finish.md': 'Done.',
  });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function writeAll(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
}
