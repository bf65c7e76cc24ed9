import { createHash } from 'node:crypto';
import { routes, type Slug } from '../protocol/index.ts';
import type { Asset } from './scenario.ts';
import type { ScenarioFolder } from './scenario-folder.ts';

const MOST_BYTES = 1024 * 1024;
const MOST_BYTES_IN_ALL = 8 * MOST_BYTES;

/** As a text can name it without any encoding. */
const NAME = /^assets(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$/;

type Format = {
  type: string;
  /** Why these bytes are not of this format; null where they are. */
  fault: (bytes: Buffer) => string | null;
};

const startsWith =
  (...starts: readonly (readonly [at: number, bytes: string])[]) =>
  (bytes: Buffer) =>
    starts.every(([at, start]) => bytes.toString('latin1', at, at + start.length) === start)
      ? null
      : 'is not what its name says';

/** By the ending of the name. */
const FORMATS: Readonly<Record<string, Format>> = {
  png: { type: 'image/png', fault: startsWith([0, '\x89PNG\r\n\x1a\n']) },
  jpg: { type: 'image/jpeg', fault: startsWith([0, '\xff\xd8\xff']) },
  jpeg: { type: 'image/jpeg', fault: startsWith([0, '\xff\xd8\xff']) },
  webp: { type: 'image/webp', fault: startsWith([0, 'RIFF'], [8, 'WEBP']) },
  svg: {
    type: 'image/svg+xml',
    fault: (bytes) => {
      const text = bytes.toString('utf8');
      if (!/<svg[\s>]/.test(text)) return 'is not what its name says';
      // A browser obeys none of it in a picture. It would in a file that somebody opens.
      const active = /<!DOCTYPE|<!ENTITY|<script|<foreignObject|\son\w+\s*=|javascript:/i.exec(text)?.[0];
      return active === undefined ? null : `has ${active.trim()} in it, which a picture does not need`;
    },
  },
};

/** The pictures of a scenario, of which the problems are told at once or, if nobody shows one, at the end. */
export class Assets {
  readonly #slug: Slug;
  readonly #folder: ScenarioFolder;
  readonly #all = new Map<string, Asset>();
  readonly #faulty = new Set<string>();
  readonly #shown = new Map<string, Asset>();

  private constructor(slug: Slug, folder: ScenarioFolder) {
    this.#slug = slug;
    this.#folder = folder;
  }

  static async load(slug: Slug, folder: ScenarioFolder): Promise<Assets> {
    const assets = new Assets(slug, folder);
    let left = MOST_BYTES_IN_ALL;
    for (const path of folder.filesIn('assets', { deep: true })) {
      const asset = left < 0 ? null : await assets.#read(path);
      if (asset === null) {
        assets.#faulty.add(path);
        continue;
      }
      assets.#all.set(path, asset);
      left -= asset.bytes.length;
      if (left < 0)
        folder.report(path, `the pictures are larger than ${MOST_BYTES_IN_ALL / MOST_BYTES} MiB in all`);
    }
    return assets;
  }

  /** Those that a text shows. */
  get shown(): ReadonlyMap<string, Asset> {
    return this.#shown;
  }

  /** Where a browser gets a picture that a text shows. */
  readonly show = (path: string): { url: string } | { wrong: string } => {
    const asset = this.#all.get(path);
    if (asset !== undefined) {
      this.#shown.set(path, asset);
      // With its version, so that a browser never shows what it kept of an earlier one.
      return { url: `${routes.asset(this.#slug, path.slice('assets/'.length))}?v=${asset.version}` };
    }
    if (this.#faulty.has(path)) return { wrong: `${path} cannot be shown` };
    return { wrong: `the file ${path} is missing` };
  };

  /** To be called when all texts have been read. */
  reportUnused(): void {
    for (const path of this.#all.keys()) {
      if (!this.#shown.has(path)) this.#folder.report(path, 'no text shows this picture');
    }
  }

  async #read(path: string): Promise<Asset | null> {
    const format = FORMATS[/\.([a-z]+)$/.exec(path)?.[1] ?? ''];
    const refuse = (message: string) => {
      this.#folder.report(path, message);
      return null;
    };
    if (format === undefined) return refuse(`a picture is one of ${Object.keys(FORMATS).join(', ')}`);
    if (!NAME.test(path))
      return refuse('a picture’s name has letters of ASCII, digits, dots, hyphens and underscores only');
    const bytes = await this.#folder.readBytes(path, MOST_BYTES);
    if (bytes === null) return null;
    const fault = format.fault(bytes);
    if (fault !== null) return refuse(fault);
    const version = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    return { type: format.type, bytes, version };
  }
}
