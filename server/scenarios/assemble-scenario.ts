import { join } from 'node:path';
import { HostName, LOCALES, type Locale, type LocalizedText, type Slug } from '../protocol/index.ts';
import { validators } from '../../validators/index.ts';
import type { OwnHost } from '../own-hosts/own-host.ts';
import { imageFolderName, type ImageFolders } from './image-folders.ts';
import { Assets } from './load-assets.ts';
import { loadMutations } from './load-mutations.ts';
import { loadPage, pageFile } from './load-page.ts';
import type { Problem } from './problem.ts';
import { parseAt, readFields, type Read } from './read-fields.ts';
import type { CheckSpec, Mutation, Page, Scenario, ScenarioImage, Step } from './scenario.ts';
import type { ScenarioFolder } from './scenario-folder.ts';
import { CheckTitle, scenarioFields, stepFields } from './scenario-schema.ts';
import type { ScenarioSource } from './scenario-source.ts';
import type { Path } from './yaml-file.ts';

/**
 * The scenario that a description and its folder make, as far as there is no problem with either; all are told.
 *
 * @param lent folders of other scenarios, for images that it names without having one
 */
export async function assembleScenario(
  slug: Slug,
  folder: ScenarioFolder,
  source: ScenarioSource,
  lent: ImageFolders,
): Promise<{ scenario: Scenario; problems: readonly Problem[] }> {
  const assembly = new Assembly(slug, folder, source, lent, await Assets.load(slug, folder));
  return { scenario: await assembly.make(), problems: assembly.problems };
}

class Assembly {
  /** Of the description; those of other files are the folder's. */
  readonly problems: Problem[] = [];
  readonly #slug: Slug;
  readonly #folder: ScenarioFolder;
  readonly #source: ScenarioSource;
  readonly #lent: ImageFolders;
  readonly #assets: Assets;
  /** Those of the title; none where it cannot be read. */
  #locales: readonly Locale[] = [];
  /** Those that texts are looked for in: where the title does not say, those that there are texts in. */
  #textLocales: readonly Locale[] = [];
  #hosts: readonly HostName[] = [];
  /** Whether they are machines that exist already. */
  #ownHosts = false;
  /** The names of the texts that it has. */
  readonly #pages = new Set<string>();
  /** Whether that is all of them: others may be meant where a field cannot be read. */
  #hasAllPages = true;
  /** The names of the checks of each step as they are written, right or wrong. */
  readonly #checks = new Map<string, readonly string[]>();

  constructor(
    slug: Slug,
    folder: ScenarioFolder,
    source: ScenarioSource,
    lent: ImageFolders,
    assets: Assets,
  ) {
    this.#slug = slug;
    this.#folder = folder;
    this.#source = source;
    this.#lent = lent;
    this.#assets = assets;
  }

  readonly #report = (path: Path, message: string): void => {
    this.problems.push(this.#source.problem(path, message));
  };

  async make(): Promise<Scenario> {
    const read = readFields(scenarioFields, this.#source.data, [], this.#report);
    const {
      title = {},
      summary = {},
      minutes = 0,
      difficulty = null,
      hosts: declared = EVERY_HOST,
      needs = [],
      images,
    } = read;
    this.#locales = LOCALES.filter((locale) => title[locale] !== undefined);
    this.#textLocales = read.title === undefined ? this.#localesOfTexts() : this.#locales;
    if (read.steps === undefined) this.#hasAllPages = false;
    const { hosts, ownHosts } = hostsOf(declared);
    this.#hosts = hosts;
    if (ownHosts !== null) this.#wantNothingOfClusters(read);
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
    // What belongs to a step whose name could not be read would seem to belong to none.
    const hasSteps = read.steps !== undefined && !this.#checks.has('');
    const mutations = hasSteps ? await loadMutations(this.#folder, this.#checks, hosts) : NO_MUTATIONS;
    if (this.#hasAllPages) {
      this.#assets.reportUnused();
      this.#reportUnusedPages();
    }
    return {
      slug: this.#slug,
      title,
      summary,
      minutes,
      gating: read.gating ?? 'strict',
      timeLimit: read['time-limit'] ?? null,
      difficulty,
      hosts,
      ownHosts,
      needs,
      images: images === undefined ? [] : this.#images(images),
      assets: this.#assets.shown,
      intro,
      steps: steps.map((step) => ({ ...step, mutations: mutations.get(step.id) ?? [] })),
      finish,
    };
  }

  /** What is made or looked at on a cluster alone. */
  #wantNothingOfClusters({ needs = [], images = [] }: Read<typeof scenarioFields>): void {
    this.#ownHosts = true;
    const message = 'is for hosts that Drydock makes: on machines that exist already it changes nothing';
    if (needs.length > 0) this.#report(['needs'], message);
    if (images.length > 0) this.#report(['images'], message);
  }

  async #step(raw: unknown, path: Path, before: readonly Step[]): Promise<Step> {
    const read = readFields(stepFields, raw, path, this.#report);
    const { id = '', title = {}, text, 'rests-on': restsOn = [], checks = [] } = read;
    this.#wantAllLocales(title, [...path, 'title']);
    for (const [index, other] of restsOn.entries()) {
      if (before.some((step) => step.id === other)) continue;
      this.#report([...path, 'rests-on', index], `there is no step “${other}” before this one`);
    }
    this.#checks.set(id, checks.map(nameOf));
    const specs: (CheckSpec | undefined)[] = [];
    if (this.#ownHosts && checks.length > 0) this.#report([...path, 'checks'], NO_LOOKS);
    for (const [index, check] of checks.entries()) {
      specs.push(await this.#check(check, [...path, 'checks', index]));
    }
    const page = await this.#page(text, [...path, 'text']);
    if (this.#ownHosts && page.hasVariables) this.#report([...path, 'text'], NO_ADDRESSES);
    return {
      id,
      title,
      page,
      checks: specs.filter((spec) => spec !== undefined),
      restsOn,
      mutations: [],
    };
  }

  async #check(
    { title: rawTitle, ...rest }: Readonly<Record<string, unknown>>,
    path: Path,
  ): Promise<CheckSpec | undefined> {
    const [name, ...others] = Object.keys(rest);
    if (name === undefined || others.length > 0) {
      this.#report(
        path,
        'a check is one validator with its parameters indented under it, and perhaps a title',
      );
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
    const files = await this.#files(validator.files(params), [...path, name]);
    const spec = { validator: name, params: rest[name], files };
    if (rawTitle === undefined) return { ...spec, title: validator.title(params) };
    const title = parseAt(CheckTitle, rawTitle, [...path, 'title'], this.#report) ?? {};
    this.#wantAllLocales(title, [...path, 'title']);
    return { ...spec, title };
  }

  /** The texts of files that stand in the scenario's folder itself. */
  async #files(names: readonly string[], path: Path): Promise<ReadonlyMap<string, string>> {
    const files = new Map<string, string>();
    for (const name of names) {
      const text = this.#folder.has(name) ? await this.#folder.readText(name) : undefined;
      if (text === undefined) this.#report(path, `the file ${name} is missing`);
      // What it cannot be read for has been reported.
      else if (text !== null) files.set(name, text);
      if (text?.includes('\r')) {
        const line = text.slice(0, text.indexOf('\r')).split('\n').length;
        const message =
          'has the line ends of Windows, which bash takes for part of the commands: save it with those of Unix';
        this.#folder.report(name, message, { line });
      }
    }
    return files;
  }

  async #page(name: string | undefined, path: Path): Promise<Page> {
    if (name === undefined) this.#hasAllPages = false;
    else this.#pages.add(name);
    const source = { folder: this.#folder, name, locales: this.#textLocales, hosts: this.#hosts };
    return loadPage({ ...source, assets: this.#assets }, (fileName) =>
      this.#report(path, `the file ${fileName} is missing`),
    );
  }

  #reportUnusedPages(): void {
    const wanted = new Set(
      [...this.#pages].flatMap((name) => this.#textLocales.map((locale) => pageFile(name, locale))),
    );
    for (const file of this.#folder.filesIn('')) {
      if (!file.endsWith('.md') || file === 'README.md' || wanted.has(file)) continue;
      const other = LOCALES.find((locale) =>
        [...this.#pages].some((name) => pageFile(name, locale) === file),
      );
      this.#folder.report(
        file,
        other === undefined
          ? 'this text is no intro, step or finish'
          : `the title is not in ${other}, so nobody is shown this text`,
      );
    }
  }

  #localesOfTexts(): readonly Locale[] {
    const texts = this.#folder.filesIn('').filter((file) => file.endsWith('.md') && file !== 'README.md');
    const localeOf = (file: string) =>
      LOCALES.find((locale) => locale !== 'en' && file === pageFile(file.split('.')[0] ?? '', locale)) ??
      'en';
    return LOCALES.filter((locale) => texts.some((file) => localeOf(file) === locale));
  }

  #images(names: readonly string[]): ScenarioImage[] {
    const own = this.#folder.foldersIn('images');
    const wanted = new Set(names.map(imageFolderName));
    for (const folder of own) {
      if (!wanted.has(folder)) {
        this.#folder.report(`images/${folder}`, 'images of scenario.yaml names no image that is built here');
      }
    }
    return names.flatMap((name, index) => {
      const folder = imageFolderName(name);
      const report = (message: string) => this.#report(['images', index], message);
      if (own.includes(folder)) {
        const dockerfile = `images/${folder}/Dockerfile`;
        if (!this.#folder.has(dockerfile))
          report(`the file ${dockerfile} is missing: the image is built from it`);
        return { name, context: join(this.#folder.path, 'images', folder) };
      }
      const context = this.#lent.get(folder);
      if (context !== undefined) return { name, context };
      const others =
        this.#lent.size === 0 ? '' : `; they have ${[...this.#lent.keys()].toSorted().join(', ')}`;
      report(
        `there is no folder images/${folder}, and no other lab has one: make it, with the Dockerfile that the image is built from${others}`,
      );
      return [];
    });
  }

  #wantAllLocales(text: LocalizedText, path: Path): void {
    // A field that is missing altogether has been reported as such.
    if (Object.keys(text).length === 0) return;
    for (const locale of this.#locales) {
      if (text[locale] === undefined) this.#report(path, `has no text in ${locale}, which the title has`);
    }
    for (const locale of LOCALES) {
      if (text[locale] === undefined || this.#locales.length === 0 || this.#locales.includes(locale))
        continue;
      this.#report([...path, locale], `is in ${locale}, which the title of the scenario is not`);
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

const NO_LOOKS =
  'nothing is looked at on machines that exist already: a step of theirs has no checks, and passes by itself';
const NO_ADDRESSES = 'machines that exist already have no address that a text could name';

/** The names of hosts, and of such as exist already what each is. */
function hostsOf(
  declared: readonly (HostName | Partial<Record<HostName, 'local' | { ssh: string }>>)[],
): Pick<Scenario, 'hosts' | 'ownHosts'> {
  const ownHosts = new Map<HostName, OwnHost>();
  const hosts = declared.flatMap((entry) => {
    if (typeof entry === 'string') return entry;
    return Object.entries(entry).flatMap(([name, what]) => {
      if (what === undefined) return [];
      ownHosts.set(name, what === 'local' ? { kind: 'local' } : { kind: 'ssh', destination: what.ssh });
      return name;
    });
  });
  return { hosts, ownHosts: ownHosts.size > 0 ? ownHosts : null };
}

/** Where those of a scenario cannot be read, nothing is said of which it has. */
const EVERY_HOST: readonly HostName[] = ['host01', 'host02', 'host03', 'host04', 'host05'];
const NO_MUTATIONS: ReadonlyMap<string, readonly Mutation[]> = new Map();

/** The validator that a check names, whatever else is wrong with it. */
const nameOf = (check: Readonly<Record<string, unknown>>): string =>
  Object.keys(check).find((key) => key !== 'title') ?? '';
