import { rm, writeFile } from 'node:fs/promises';
import { asRoot, isRoot } from '../as-root.ts';
import { runProgram } from '../run-program.ts';

/** What a disk's ext4 has beyond mke2fs's own choice, as its `-O` and `-E` name it. */
export type DiskFormat = { features: readonly string[]; extended: readonly string[] };

/** A sparse ext4 disk with a folder's content, owners as root sees them. */
export async function makeDisk(
  folder: string,
  file: string,
  size: string,
  { features, extended }: DiskFormat,
): Promise<void> {
  const [program, ...args] = asRoot([
    ...['mke2fs', '-q', '-t', 'ext4', '-m', '0'],
    ...['-E', ['lazy_itable_init=1', ...extended].join()],
    ...(features.length > 0 ? ['-O', features.join()] : []),
    ...['-d', folder, file, size],
  ]);
  await runProgram(program, args);
  if (!isRoot()) await mendOverlayMarks(folder, file);
}

const USER = 'user.overlay.';
const ROOT = 'trusted.overlay.';
/** The one mark that says something of a layer's content: what lies below this folder is not seen through it. */
const OPAQUE = 'opaque';

/**
 * Overlays of a user namespace keep their marks under names of their own, which those of the guest, a real root's, do not
 * look at and would show. On the disk they get the names that the guest reads; what was true of this machine goes.
 */
async function mendOverlayMarks(folder: string, file: string): Promise<void> {
  const marks = await listOverlayMarks(folder);
  if (marks.length === 0) return;
  const commands = marks.flatMap(({ path, name }) => [
    ...(name === OPAQUE ? [`ea_set "${path}" ${ROOT}${OPAQUE} y`] : []),
    `ea_rm "${path}" ${USER}${name}`,
  ]);
  const script = `${file}.marks`;
  await writeFile(script, `${commands.join('\n')}\n`);
  const said = await runProgram('debugfs', ['-w', '-f', script, file]);
  // It succeeds whatever its commands do. Beside them it says its version, and nothing where all is well.
  const problem = said.split('\n').find((line) => !/^debugfs[ :]|^$/.test(line));
  if (problem !== undefined) throw new Error(`The disk ${file} could not be made whole: ${problem}`);
  await rm(script);
}

type Mark = { path: string; name: string };

/** Every mark of an overlay in a folder. GNU tar is what every Debian has that tells attributes of many files at once. */
export async function listOverlayMarks(folder: string): Promise<Mark[]> {
  const attributes = `--xattrs --xattrs-include='${USER}*'`;
  const script = [
    'set -o pipefail',
    'cd "$1"',
    `find . -xdev '(' -type d -o -type f ')' -print0 | tar -c --no-recursion --null -T - ${attributes} -f - | tar -tvv --quoting-style=c ${attributes} -f -`,
  ].join(' && ');
  const [program, ...args] = asRoot(['bash', '-c', script, 'bash', folder]);
  const lines = (await runProgram(program, args)).split('\n');
  const marks: Mark[] = [];
  let path = '';
  for (const line of lines) {
    const file = /^[d-]\S+ .* "\.(\/?.*?)\/?"$/.exec(line)?.[1];
    if (file !== undefined) path = file || '/';
    const name = /^ +x: +\d+ user\.overlay\.(\S+)$/.exec(line)?.[1];
    if (name === undefined) continue;
    // debugfs takes no quotes within quotes.
    if (!path.includes('\\')) marks.push({ path, name });
    else if (name === OPAQUE)
      throw new Error(`A folder in a layer of an image has a name that cannot be kept: ${path}`);
  }
  return marks;
}
