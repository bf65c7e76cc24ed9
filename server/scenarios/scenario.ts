import type { OwnHost } from '../own-hosts/own-host.ts';
import type { BlockId, Difficulty, HostName, LocalizedText, Slug, StepId } from '../protocol/index.ts';

/** A lab as the server knows it: loaded once, checked whole, never changed. Texts exist in every locale of `title`. */
export interface Scenario {
  readonly slug: Slug;
  readonly title: LocalizedText;
  readonly summary: LocalizedText;
  /** Rough duration, as its author says. */
  readonly minutes: number;
  /** Which steps can be read and checked: those up to the first that has not passed, or all. */
  readonly gating: 'strict' | 'free';
  /** Minutes that it may take once its hosts are ready; null where that is left to whoever runs the server. */
  readonly timeLimit: number | null;
  /** Null where its author does not say. */
  readonly difficulty: Difficulty | null;
  /** In order; the first is where a command runs whose directive names none. */
  readonly hosts: readonly HostName[];
  /** What each of them is, where they are machines that exist already; null where a cluster is made of them. */
  readonly ownHosts: ReadonlyMap<HostName, OwnHost> | null;
  /** Kernel features that the engine must have; on one that lacks them the scenario cannot be started. */
  readonly needs: readonly string[];
  readonly images: readonly ScenarioImage[];
  /** The pictures that its texts show, by their path: `assets/mesh.svg`. */
  readonly assets: ReadonlyMap<string, Asset>;
  readonly intro: Page;
  readonly steps: readonly Step[];
  readonly finish: Page;
}

export interface Step {
  readonly id: StepId;
  readonly title: LocalizedText;
  readonly page: Page;
  readonly checks: readonly CheckSpec[];
  /** Earlier steps that must still hold when this one is checked. */
  readonly restsOn: readonly StepId[];
  /** What its checks must notice, tried by `prove`. */
  readonly mutations: readonly Mutation[];
}

/** A wrong state that a step which is passed is brought into, to see that a check notices it. */
export interface Mutation {
  readonly name: string;
  readonly run: readonly HostCommand[];
  readonly undo: readonly HostCommand[];
  /** The validator of the check that must turn red. */
  readonly fails: string;
  /** What its reason must have in it, in English. */
  readonly because: string;
}

/** A command that is run as root on a host. */
export interface HostCommand {
  readonly host: HostName;
  readonly command: string;
}

/** A text in each locale, as HTML that is safe to show, with the commands that stand in it. */
export interface Page {
  /** With variables such as `[[HOST1_IP]]` still in place. */
  readonly html: LocalizedText;
  /** In the order of the page, the same in every locale. */
  readonly blocks: readonly CommandBlock[];
  /** Whether it names variables. */
  readonly hasVariables: boolean;
  /** The page with each `[[NAME]]` of `variables` replaced by its value; other names stay as they are. */
  render(variables: Readonly<Record<string, string>>): RenderedPage;
  /** The page's texts to be read before its variables are known: words in `<var>` stand in for each. */
  preview(): LocalizedText;
}

export interface RenderedPage {
  readonly html: LocalizedText;
  readonly blocks: readonly CommandBlock[];
}

/** A command of a page that a click types into the terminal of `host`. */
export interface CommandBlock {
  readonly id: BlockId;
  readonly host: HostName;
  /** Whether Ctrl-C goes first. */
  readonly interrupt: boolean;
  /** One line or several, without the last line's end. */
  readonly command: string;
}

/** What a step asks: a validator of `validators/` with parameters that its own schema has accepted. */
export interface CheckSpec {
  readonly validator: string;
  readonly params: unknown;
  /** What the check asks, in the learner's words. */
  readonly title: LocalizedText;
  /** The files of the scenario's folder that it uses, by their names. */
  readonly files: ReadonlyMap<string, string>;
}

/** An image that the scenario's commands name, and the folder that it is built from. */
export interface ScenarioImage {
  /** As the commands write it, for instance `redis:alpine`. */
  readonly name: string;
  /** Absolute path of a folder with a Dockerfile: of this scenario, or of another that lends it. */
  readonly context: string;
}

/** A picture, as it is sent to a browser. */
export interface Asset {
  /** Its media type. */
  readonly type: string;
  readonly bytes: Uint8Array;
  /** A digest of it. */
  readonly version: string;
}
