import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from './user-error.ts';

/**
 * The package mirror that this machine's own apt is set up with, for instance `http://…/debian`.
 * Drydock builds its guest and its images from there, and never writes the address down.
 */
export async function aptMirror(folder = '/etc/apt'): Promise<string> {
  const parts = await readdir(join(folder, 'sources.list.d')).catch((): string[] => []);
  const files = ['sources.list', ...parts.toSorted().map((name) => join('sources.list.d', name))];
  const texts = await Promise.all(
    files.map(async (name) => addressesOf(name, await textOf(join(folder, name)))),
  );
  const addresses = await Promise.all(texts.flat().map(followMirrorFile));
  const mirror = addresses.flat().find((uri) => /^[^+]*\/debian\/?$/.test(uri));
  if (mirror !== undefined) return mirror;
  throw new UserError(
    `No Debian package mirror was found in ${folder}. Drydock builds from one: add a "deb" line with its address to ${join(folder, 'sources.list')} and start again.`,
  );
}

const textOf = (file: string) => readFile(file, 'utf8').catch(() => '');

/** Addresses of binary packages in a file of apt's, which tells its two formats apart by the file's name. */
function addressesOf(name: string, text: string): string[] {
  if (name.endsWith('.sources')) return text.split(/\n\s*\n/).flatMap(addressesOfStanza);
  // Other names are those of copies that editors and upgrades leave.
  if (!name.endsWith('.list')) return [];
  return [...text.matchAll(/^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)/gm)].map((match) => match[1] ?? '');
}

function addressesOfStanza(stanza: string): string[] {
  const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(stanza)?.[1]?.trim() ?? '';
  const isUsed = field('Enabled').toLowerCase() !== 'no' && /(^|\s)deb(\s|$)/.test(field('Types'));
  return isUsed ? field('URIs').split(/\s+/) : [];
}

/** Debian's images for clouds name a file with the mirrors in it, one a line, the best first. */
async function followMirrorFile(address: string): Promise<string[]> {
  if (!address.startsWith('mirror+file:')) return [address];
  const text = await textOf(fileURLToPath(address.slice('mirror+'.length)));
  return text.split('\n').flatMap((line) => /^[^\s#]+/.exec(line) ?? []);
}
