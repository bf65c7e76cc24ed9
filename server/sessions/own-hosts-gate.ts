import type { OwnHost } from '../own-hosts/own-host.ts';
import { OwnHosts } from '../own-hosts/own-hosts.ts';
import type { LocalizedText } from '../protocol/index.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { LabError } from './errors.ts';

export type OwnHostsSettings = {
  /** The kinds that whoever runs the server has turned on. */
  allowed: readonly OwnHost['kind'][];
  /** How many labs may be open on them at once; any number unless told. */
  labs?: number;
  /** The server's, of which shells are given what a login has. */
  environment: Readonly<Record<string, string | undefined>>;
};

const TURNED_OFF: Record<OwnHost['kind'], LocalizedText> = {
  local: {
    en: 'This lab works on the machine that runs Drydock itself, which is turned off. Whoever runs it turns that on with DRYDOCK_OWN_HOSTS=local.',
    'zh-CN':
      '这个实验直接在运行 Drydock 的机器上进行，该功能目前关闭。运行者可以用 DRYDOCK_OWN_HOSTS=local 开启。',
  },
  ssh: {
    en: 'This lab works on machines that exist already, by ssh, which is turned off. Whoever runs Drydock turns that on with DRYDOCK_OWN_HOSTS=ssh.',
    'zh-CN':
      '这个实验通过 ssh 在已有的机器上进行，该功能目前关闭。Drydock 的运行者可以用 DRYDOCK_OWN_HOSTS=ssh 开启。',
  },
};

const FULL: LocalizedText = {
  en: 'As many labs are open on machines that exist already as may be at once. Try again when somebody has ended theirs, or ask whoever runs Drydock for more (DRYDOCK_OWN_HOST_LABS).',
  'zh-CN':
    '在已有机器上同时打开的实验已达上限。请等有人结束实验后再试，或请 Drydock 的运行者提高上限（DRYDOCK_OWN_HOST_LABS）。',
};

/** Opens own hosts to the labs that have them, as far as whoever runs the server has turned that on. */
export class OwnHostsGate {
  readonly #settings: OwnHostsSettings;

  constructor(settings: OwnHostsSettings = { allowed: [], environment: {} }) {
    this.#settings = settings;
  }

  /** Why a scenario's hosts cannot be had, in a learner's words; null where they can, or are no own hosts. */
  unavailable({ ownHosts }: Pick<Scenario, 'ownHosts'>): LocalizedText | null {
    const kinds = [...(ownHosts?.values() ?? [])].map(({ kind }) => kind);
    const off = kinds.find((kind) => !this.#settings.allowed.includes(kind));
    return off === undefined ? null : TURNED_OFF[off];
  }

  /** Throws scenario_unavailable where a scenario's own hosts are turned off. */
  require(scenario: Pick<Scenario, 'ownHosts'>): void {
    const reason = this.unavailable(scenario);
    if (reason !== null) throw new LabError('scenario_unavailable', reason);
  }

  /** Throws capacity_exhausted where no more labs may be open on own hosts than these. */
  requireRoom(labs: number): void {
    if (labs >= (this.#settings.labs ?? Infinity)) throw new LabError('capacity_exhausted', FULL);
  }

  /** A scenario's own hosts; null where it has none. Throws as `require`. */
  open(scenario: Pick<Scenario, 'ownHosts'>): OwnHosts | null {
    this.require(scenario);
    return scenario.ownHosts && new OwnHosts(scenario.ownHosts, this.#settings.environment);
  }
}
