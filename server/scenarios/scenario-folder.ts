import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Problem } from './problem.ts';

/** More than any lab has; whoever has more gives the folder of something else. */
const MOST_ENTRIES = 2000;
const DEEPEST = 8;

/** Of `scenario.yaml` and of a text. A lesson has a tenth of it. */
const MOST_TEXT_BYTES = 65_536;

/** What a text may not have: it is shown to learners, and commands are typed into their terminals. */
// oxlint-disable-next-line eslint/no-control-regex -- these are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\u202A-\u202E\u2066-\u2069]/;

type Kind = 'file' | 'folder';

/**
 * What is in a scenario's folder, and nothing outside of it: links that lead elsewhere are problems, as is whatever is
 * neither file nor folder. Names that begin with a dot are passed over, editors' own files among them.
 */
export class ScenarioFolder {
  /** Absolute, as it was given. */
  readonly path: string;
  readonly problems: Problem[] = [];
  /** By paths with slashes, relative to the folder. */
  readonly #entries = new Map<string, Kind>();

  private constructor(path: string) {
    this.path = path;
  }

  static async open(path: string): Promise<ScenarioFolder> {
    const folder = new ScenarioFolder(path);
    await folder.#walk(await realpath(path));
    return folder;
  }

  /** The files below a folder, each by its path; those directly in it unless `deep`. */
  filesIn(folder: string, { deep = false } = {}): string[] {
    return this.#below('file', folder).filter(
      (path) => deep || !path.slice(prefixOf(folder).length).includes('/'),
    );
  }

  /** The names of the folders directly in one. */
  foldersIn(folder: string): string[] {
    const names = this.#below('folder', folder).map((path) => path.slice(prefixOf(folder).length));
    return names.filter((name) => !name.includes('/'));
  }

  has(path: string): boolean {
    return this.#entries.get(path) === 'file';
  }

  report(path: string, message: string, { line = 1, column = 1 } = {}): void {
    this.problems.push({ file: join(this.path, path), line, column, message });
  }

  /** A text file; null, with the reason among the problems, where it is none. The file must be there. */
  async readText(path: string): Promise<string | null> {
    const bytes = await this.readBytes(path, MOST_TEXT_BYTES);
    if (bytes === null) return null;
    if (!isUtf8(bytes)) {
      this.report(path, 'is not UTF-8: save it in that encoding', firstNotUtf8(bytes));
      return null;
    }
    const text = new TextDecoder().decode(bytes);
    const at = text.search(FORBIDDEN);
    if (at === -1) return text;
    const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
    const before = text.slice(0, at).split('\n');
    const place = { line: before.length, column: (before.at(-1) ?? '').length + 1 };
    this.report(path, `has the character U+${code}, which nobody sees: remove it`, place);
    return null;
  }

  /** A file's bytes, as `readText`. */
  async readBytes(path: string, most: number): Promise<Buffer | null> {
    // A pipe would be waited for, and a device is without end.
    const file = await open(join(this.path, path), constants.O_RDONLY | constants.O_NONBLOCK).catch(
      (error: unknown) => {
        this.report(path, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
        return null;
      },
    );
    if (file === null) return null;
    try {
      const { size } = await file.stat();
      const buffer = Buffer.alloc(Math.min(size, most) + 1);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      if (bytesRead <= most && size <= most) return buffer.subarray(0, bytesRead);
      this.report(path, `is larger than ${most / 1024} KiB`);
      return null;
    } finally {
      await file.close();
    }
  }

  #below(kind: Kind, folder: string): string[] {
    const prefix = prefixOf(folder);
    return [...this.#entries].flatMap(([path, is]) => (is === kind && path.startsWith(prefix) ? [path] : []));
  }

  async #walk(root: string): Promise<void> {
    const folders = [''];
    for (const folder of folders) {
      const entries = await readdir(join(root, folder), { withFileTypes: true });
      for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        if (entry.name.startsWith('.')) continue;
        if (this.#entries.size === MOST_ENTRIES) {
          return this.report('', `the folder has more than ${MOST_ENTRIES} files`);
        }
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        const kind = entry.isSymbolicLink()
          ? await this.#kindOfTarget(root, path)
          : entry.isDirectory()
            ? 'folder'
            : entry.isFile()
              ? 'file'
              : this.report(path, 'is neither a file nor a folder');
        if (!kind) continue;
        this.#entries.set(path, kind);
        if (kind !== 'folder') continue;
        if (path.split('/').length < DEEPEST) folders.push(path);
        else this.report(path, `folders are at most ${DEEPEST} deep`);
      }
    }
  }

  async #kindOfTarget(root: string, path: string): Promise<Kind | void> {
    const target = await realpath(join(root, path)).catch(() => null);
    if (target === null) return this.report(path, 'is a link that leads nowhere');
    if (!target.startsWith(root + sep))
      return this.report(path, 'is a link that leads out of the scenario’s folder');
    if ((await stat(target)).isFile()) return 'file';
    return this.report(path, 'is a link, but not to a file');
  }
}

const prefixOf = (folder: string): string => (folder === '' ? '' : `${folder}/`);

function firstNotUtf8(bytes: Buffer): { line: number; column: number } {
  let line = 1;
  for (let start = 0; ; line++) {
    const end = bytes.indexOf(0x0a, start);
    const part = bytes.subarray(start, end === -1 ? undefined : end);
    if (!isUtf8(part)) return { line, column: part.toString('utf8').indexOf('\uFFFD') + 1 };
    start = end + 1;
  }
}
