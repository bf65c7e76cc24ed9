import { watch, type FSWatcher } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Slug } from '../protocol/index.ts';
import { imageFolders, NO_IMAGE_FOLDERS, type ImageFolders } from './image-folders.ts';
import type { LoadedScenario } from './load-scenario.ts';
import { collect, foldersIn, loadFolder } from './load-scenarios.ts';
import { type Look, lookAt, type Looks, sameLooks } from './look-at-folder.ts';
import type { Problem } from './problem.ts';
import type { Scenario } from './scenario.ts';

export type LibraryEvents = {
  /** Told of what there will be, before anybody else sees it. */
  beforeChange?: (scenarios: ReadonlyMap<Slug, Scenario>) => Promise<void>;
  /** Told of each scenario that is new or another now. */
  onChange?: (scenario: Scenario) => void;
  /** Told of all that is wrong now, whenever that is something else than before. */
  onProblems?: (problems: readonly Problem[]) => void;
  /** Told why folders could not be looked at; they are looked at again. */
  onError?: (error: unknown) => void;
};

/** An editor writes a file in several goes, and a copy of a folder takes its time: nothing has changed for so long. */
const QUIET_MS = 150;
/** File systems that tell nobody of changes, such as those of a network, are looked at so often. */
const LOOK_EVERY_MS = 5_000;
/** A file that is always written would keep a folder from ever being read. */
const MOST_WAITS = 20;

/**
 * The scenarios of some folders, always as they are now. One that is edited into something faulty stays what it was, as
 * long as it was something; one that is removed goes.
 */
export class ScenarioLibrary implements AsyncDisposable {
  readonly #directories: readonly string[];
  readonly #scenarios = new Map<Slug, Scenario>();
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #stopping = new AbortController();
  #folders = new Map<string, LoadedScenario>();
  #looks: Looks = new Map();
  #lent: ImageFolders = NO_IMAGE_FOLDERS;
  #problems: readonly Problem[] = [];
  #woken = Promise.withResolvers<void>();
  #watching: Promise<void> = Promise.resolve();

  private constructor(directories: readonly string[]) {
    this.#directories = directories;
  }

  /** Rejects where one of the folders cannot be read. */
  static async open(directories: readonly string[]): Promise<ScenarioLibrary> {
    const library = new ScenarioLibrary(directories);
    const looks = await library.#look();
    await library.#read(looks, {});
    return library;
  }

  /** The same map for ever. */
  get scenarios(): ReadonlyMap<Slug, Scenario> {
    return this.#scenarios;
  }

  /** All that is wrong now. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Follow every change from now on, until it is disposed of. */
  watch(events: LibraryEvents): void {
    this.#watching = this.#follow(events);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#woken.resolve();
    await this.#watching;
  }

  async #follow(events: LibraryEvents): Promise<void> {
    const { signal } = this.#stopping;
    // What has changed since it was opened, nobody has told of.
    let looks = this.#looks;
    while (!signal.aborted) {
      try {
        this.#watchFolders(looks);
        looks = await this.#untilQuiet(signal);
        if (!sameLooks(looks, this.#looks)) await this.#read(looks, events);
      } catch (error) {
        if (!signal.aborted) events.onError?.(error);
      }
      const pause = new AbortController();
      const stop = AbortSignal.any([signal, pause.signal]);
      const late = sleep(LOOK_EVERY_MS, undefined, { signal: stop, ref: false }).catch(() => undefined);
      await Promise.race([this.#woken.promise, late]);
      pause.abort();
      this.#woken = Promise.withResolvers();
    }
    for (const watcher of this.#watchers.values()) watcher.close();
  }

  /** Each folder by itself: the system tells of what is directly in it, and reliably of nothing more. */
  #watchFolders(looks: Looks): void {
    const wanted = new Set([...this.#directories, ...[...looks.values()].flatMap(({ folders }) => folders)]);
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of wanted) {
      if (this.#watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, { persistent: false }, () => this.#woken.resolve());
        const forget = () => {
          watcher.close();
          if (this.#watchers.get(folder) === watcher) this.#watchers.delete(folder);
        };
        // Too many watched folders, or one that has gone: it is still looked at from time to time.
        watcher.on('error', forget);
        this.#watchers.set(folder, watcher);
      } catch {
        // The same.
      }
    }
  }

  /** How all folders are, once nothing in them has changed for a while. */
  async #untilQuiet(signal: AbortSignal): Promise<Looks> {
    let looks = await this.#look();
    if (sameLooks(looks, this.#looks)) return looks;
    for (let waits = 0; waits < MOST_WAITS; waits++) {
      await sleep(QUIET_MS, undefined, { signal });
      const next = await this.#look();
      if (sameLooks(looks, next)) break;
      looks = next;
    }
    return looks;
  }

  /** Read the folders that are not as they were; all, where images are to be had that were not, or the other way round. */
  async #read(looks: Looks, events: LibraryEvents): Promise<void> {
    const lent = await imageFolders([...looks.keys()]);
    const isLentTheSame = JSON.stringify([...lent]) === JSON.stringify([...this.#lent]);
    const folders = new Map<string, LoadedScenario>();
    for (const [folder, { print }] of looks) {
      const before = this.#folders.get(folder);
      const isSame = isLentTheSame && this.#looks.get(folder)?.print === print;
      if (before !== undefined && isSame) folders.set(folder, before);
      else {
        const loaded = await loadFolder(folder, lent);
        const kept = loaded.scenario ?? before?.scenario;
        folders.set(folder, { ...loaded, ...(kept && { scenario: kept }) });
      }
    }
    const { scenarios, problems } = collect(folders);
    await events.beforeChange?.(scenarios);
    this.#folders = folders;
    this.#looks = looks;
    this.#lent = lent;
    const changed = [...scenarios.values()].filter((each) => this.#scenarios.get(each.slug) !== each);
    // In the order of their folders, which is that of the catalogue.
    this.#scenarios.clear();
    for (const [slug, scenario] of scenarios) this.#scenarios.set(slug, scenario);
    for (const scenario of changed) events.onChange?.(scenario);
    const isOther = JSON.stringify(problems) !== JSON.stringify(this.#problems);
    this.#problems = problems;
    if (isOther) events.onProblems?.(problems);
  }

  async #look(): Promise<Looks> {
    const looks = new Map<string, Look>();
    for (const directory of this.#directories) {
      for (const folder of await foldersIn(directory)) looks.set(folder, await lookAt(folder));
    }
    return looks;
  }
}
