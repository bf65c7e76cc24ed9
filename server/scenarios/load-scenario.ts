import { lstat, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HostName, type Locale, type LocalizedText, LOCALES, type Slug } from '../protocol/index.ts';
import { validators } from '../../validators/index.ts';
import { loadPage } from './load-page.ts';
import type { Problem } from './problem.ts';
import { parseAt, readFields } from './read-fields.ts';
import type { CheckSpec, Page, Scenario, ScenarioImage, Step } from './scenario.ts';
import { CheckTitle, scenarioFields, stepFields } from './scenario-schema.ts';
import { type Path, YamlFile } from './yaml-file.ts';

/** As it is handed over as one argument of a command. */
const LONGEST_FILE = 64 * 1024;

export type LoadedScenario = { scenario?: Scenario; problems: readonly Problem[] };

/** Load the scenario in `directory`; there is one only where there is no problem. */
export async function loadScenario(directory: string, slug: Slug): Promise<LoadedScenario> {
  const file = join(directory, 'scenario.yaml');
  let source: string;
  try {
    source = await readFile(file, 'utf8');
  } catch (error) {
    const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return { problems: [{ file, line: 1, column: 1, message }] };
  }
  const yaml = new YamlFile(file, source);
  if (yaml.data === undefined) return { problems: yaml.problems };
  return new Loader(directory, slug, yaml).load();
}

class Loader {
  readonly #directory: string;
  readonly #slug: Slug;
  readonly #yaml: YamlFile;
  readonly #problems: Problem[];
  #locales: readonly Locale[] = [];
  #hosts: readonly HostName[] = [];

  constructor(directory: string, slug: Slug, yaml: YamlFile) {
    this.#directory = directory;
    this.#slug = slug;
    this.#yaml = yaml;
    this.#problems = [...yaml.problems];
  }

  readonly #report = (path: Path, message: string): void => {
    this.#problems.push(this.#yaml.problem(path, message));
  };

  async load(): Promise<LoadedScenario> {
    const read = readFields(scenarioFields, this.#yaml.data, [], this.#report);
    const { title = {}, summary = {}, minutes = 0, hosts = [], needs = [], images = [] } = read;
    this.#locales = LOCALES.filter((locale) => title[locale] !== undefined);
    this.#hosts = hosts;
    this.#wantAllLocales(summary, ['summary']);
    const intro = await this.#page(read.intro, ['intro']);
    if (intro.blocks.length > 0) {
      this.#report(['intro'], 'the intro is read before there are hosts: its commands can only be copied');
    }
    if (intro.hasVariables) {
      this.#report(['intro'], 'the intro is read before there are hosts: it cannot name their addresses');
    }
    const steps: Step[] = [];
    for (const [index, raw] of (read.steps ?? []).entries()) {
      const step = await this.#step(raw, ['steps', index], steps);
      if (steps.some(({ id }) => id !== '' && id === step.id)) {
        this.#report(['steps', index, 'id'], `another step has the id “${step.id}” already`);
      }
      steps.push(step);
    }
    const finish = await this.#page(read.finish, ['finish']);
    if (finish.blocks.length > 0) {
      this.#report(['finish'], 'a command is run as part of a step: those of the finish can only be copied');
    }
    const scenario: Scenario = {
      slug: this.#slug,
      title,
      summary,
      minutes,
      hosts,
      needs,
      images: await this.#images(images),
      intro,
      steps,
      finish,
    };
    return this.#problems.length === 0 ? { scenario, problems: [] } : { problems: this.#problems };
  }

  async #step(raw: unknown, path: Path, before: readonly Step[]): Promise<Step> {
    const read = readFields(stepFields, raw, path, this.#report);
    const { id = '', title = {}, text, 'rests-on': restsOn = [], checks = [] } = read;
    this.#wantAllLocales(title, [...path, 'title']);
    for (const [index, other] of restsOn.entries()) {
      if (before.some((step) => step.id === other)) continue;
      this.#report([...path, 'rests-on', index], `there is no step “${other}” before this one`);
    }
    const specs: (CheckSpec | undefined)[] = [];
    for (const [index, check] of checks.entries()) {
      specs.push(await this.#check(check, [...path, 'checks', index]));
    }
    return {
      id,
      title,
      page: await this.#page(text, [...path, 'text']),
      checks: specs.filter((spec) => spec !== undefined),
      restsOn,
    };
  }

  async #check(
    { title: rawTitle, ...rest }: Readonly<Record<string, unknown>>,
    path: Path,
  ): Promise<CheckSpec | undefined> {
    const [name, ...others] = Object.keys(rest);
    if (name === undefined || others.length > 0) {
      this.#report(path, 'a check is one validator with its parameters, and perhaps a title');
      return undefined;
    }
    const validator = validators.get(name);
    if (!validator) {
      const known = [...validators.keys()].join(', ');
      this.#report([...path, name], `there is no validator named “${name}”; known are ${known}`);
      return undefined;
    }
    const params = parseAt(validator.params, rest[name], [...path, name], this.#report);
    if (params === undefined) return undefined;
    this.#wantKnownHosts(rest[name], [...path, name]);
    const spec = {
      validator: name,
      params: rest[name],
      files: await this.#files(validator.files(params), [...path, name]),
    };
    if (rawTitle === undefined) return { ...spec, title: validator.title(params) };
    const title = parseAt(CheckTitle, rawTitle, [...path, 'title'], this.#report) ?? {};
    this.#wantAllLocales(title, [...path, 'title']);
    return { ...spec, title };
  }

  /** The texts of files that stand in the scenario's folder itself. */
  async #files(names: readonly string[], path: Path): Promise<ReadonlyMap<string, string>> {
    const files = new Map<string, string>();
    for (const name of names) {
      const file = join(this.#directory, name);
      const found = await lstat(file).catch(() => undefined);
      if (!found?.isFile()) this.#report(path, `the file ${name} is missing`);
      else if (found.size > LONGEST_FILE) this.#report(path, `the file ${name} is longer than 64 KiB`);
      else files.set(name, await readFile(file, 'utf8'));
    }
    return files;
  }

  async #page(name: string | undefined, path: Path): Promise<Page> {
    const { page, problems } = await loadPage(
      // With an unknown name there is nothing to read; the name itself has been reported.
      {
        directory: this.#directory,
        name: name ?? '',
        locales: name === undefined ? [] : this.#locales,
        hosts: this.#hosts,
      },
      (fileName) => this.#report(path, `the file ${fileName} is missing`),
    );
    this.#problems.push(...problems);
    return page;
  }

  async #images(names: readonly string[]): Promise<ScenarioImage[]> {
    const images = names.map((name) => ({ name, context: join(this.#directory, 'images', folderOf(name)) }));
    for (const [index, { context, name }] of images.entries()) {
      const dockerfile = await stat(join(context, 'Dockerfile')).catch(() => undefined);
      if (!dockerfile?.isFile()) {
        this.#report(['images', index], `the file images/${folderOf(name)}/Dockerfile is missing`);
      }
    }
    return images;
  }

  #wantAllLocales(text: LocalizedText, path: Path): void {
    // A field that is missing altogether has been reported as such.
    if (Object.keys(text).length === 0) return;
    for (const locale of this.#locales) {
      if (text[locale] === undefined) this.#report(path, `has no text in ${locale}, which the title has`);
    }
  }

  #wantKnownHosts(value: unknown, path: Path): void {
    const host = HostName.safeParse(value).data;
    if (host !== undefined && !this.#hosts.includes(host)) {
      this.#report(path, `the scenario has no ${host}; its hosts are ${this.#hosts.join(', ')}`);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) this.#wantKnownHosts(item, [...path, index]);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) this.#wantKnownHosts(item, [...path, key]);
    }
  }
}

/** `katacoda/docker-http-server` is docker-http-server, `redis:alpine` is redis. */
const folderOf = (image: string): string => image.split('/').at(-1)?.split(':')[0] ?? image;
