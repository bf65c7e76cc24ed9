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

/** Releases of Debian by their names, and by those that move on from one to the next. */
const SUITES = new Set([
  ...['stable', 'oldstable', 'oldoldstable', 'testing', 'unstable', 'sid'],
  ...['buster', 'bullseye', 'bookworm', 'trixie', 'forky', 'duke'],
]);

/** Others keep packages for Debian at addresses like Debian's, and sign them with keys in files of their own. */
const isDebian = (suites: readonly string[], components: readonly string[], signedBy: string): boolean =>
  suites.some((suite) => SUITES.has(suite)) &&
  components.includes('main') &&
  (!signedBy.startsWith('/') || /debian[^/]*$/.test(signedBy));

/** Addresses of Debian's packages in a file of apt's, which tells its two formats apart by the file's name. */
function addressesOf(name: string, text: string): string[] {
  if (name.endsWith('.sources')) return text.split(/\n\s*\n/).flatMap(addressesOfStanza);
  // Other names are those of copies that editors and upgrades leave.
  return name.endsWith('.list') ? text.split('\n').flatMap(addressOfLine) : [];
}

function addressOfLine(line: string): string[] {
  const [, options = '', rest = ''] = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?([^#]*)/.exec(line) ?? [];
  const [address = '', suite = '', ...components] = rest.trim().split(/\s+/);
  const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1] ?? '';
  return isDebian([suite], components, signedBy) ? [address] : [];
}

function addressesOfStanza(stanza: string): string[] {
  const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(stanza)?.[1]?.trim() ?? '';
  const words = (name: string) => field(name).split(/\s+/);
  const isUsed = field('Enabled').toLowerCase() !== 'no' && words('Types').includes('deb');
  return isUsed && isDebian(words('Suites'), words('Components'), field('Signed-By')) ? words('URIs') : [];
}

/** Debian's images for clouds name a file with the mirrors in it, one a line, the best first. */
async function followMirrorFile(address: string): Promise<string[]> {
  if (!address.startsWith('mirror+file:')) return [address];
  const text = await textOf(fileURLToPath(address.slice('mirror+'.length)));
  return text.split('\n').flatMap((line) => /^[^\s#]+/.exec(line) ?? []);
}
