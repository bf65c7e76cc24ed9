import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder, digestOfFolder } from '../engines/cached-folder.ts';
import { runProgram } from '../engines/run-program.ts';
import type { Work } from '../engines/stages.ts';

/** Build the page where its sources have changed since it was built last; returns the folder to serve. */
export async function buildPage(root: string, work: Work): Promise<string> {
  const folders = ['web/src', 'web/public', 'server/protocol'].map((folder) =>
    digestOfFolder(join(root, folder)),
  );
  const files = ['web/index.html', 'web/door.html', 'web/vite.config.ts', 'package-lock.json'].map((file) =>
    readFile(join(root, file), 'utf8'),
  );
  const inputs = await Promise.all([...folders, ...files]);
  const build = async (folder: string) => {
    const vite = join(root, 'node_modules/vite/bin/vite.js');
    const words = ['build', join(root, 'web'), '--outDir', folder, '--emptyOutDir'];
    await runProgram(process.execPath, [vite, ...words], work);
  };
  return cachedFolder(join(root, 'node_modules/.cache/drydock'), 'page', inputs, build, work.signal);
}
