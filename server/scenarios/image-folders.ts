import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The folders that images are built from, each by its name, for labs that name an image without having one. */
export type ImageFolders = ReadonlyMap<string, string>;

export const NO_IMAGE_FOLDERS: ImageFolders = new Map();

/** Drydock's own scenarios lend their images to all others, whether or not they are served themselves. */
const OWN = join(import.meta.dirname, '../../scenarios');

/** Those that some scenarios have, by the folders of these, and Drydock's own: of several of one name, the first. */
export async function imageFolders(scenarios: readonly string[]): Promise<ImageFolders> {
  const found = new Map<string, string>();
  for (const scenario of [...scenarios, ...(await namesIn(OWN)).map((name) => join(OWN, name))]) {
    for (const name of await namesIn(join(scenario, 'images'))) {
      const folder = join(scenario, 'images', name);
      if (!found.has(name) && (await isFile(join(folder, 'Dockerfile')))) found.set(name, folder);
    }
  }
  return found;
}

/** `katacoda/docker-http-server` is built from docker-http-server, `redis:alpine` from redis. */
export const imageFolderName = (image: string): string => image.split('/').at(-1)?.split(':')[0] ?? image;

/** The scenario that a folder of an image is in, by its name. */
export const lenderOf = (imageFolder: string): string => basename(dirname(dirname(imageFolder)));

/** The folders directly in one, in the order of their names; none where there is no such folder. */
async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  return names.map(({ name }) => name).toSorted();
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
