import { join } from 'node:path';
import { z } from 'zod';
import { CLUSTER_POOL, poolProblem } from './clusters/subnets.ts';
import { isLoopback } from './access/client-address.ts';
import type { SiteSettings } from './access/exposure.ts';
import { plainCode } from './access/readable-code.ts';
import { UserError } from './engines/user-error.ts';
import type { OwnHost } from './own-hosts/own-host.ts';

const MINUTE = 60_000;

/** An address without path, query and credentials. */
const siteUrl = z
  .string()
  .transform((text) => URL.parse(text))
  .refine(
    (url) => url !== null && ['http:', 'https:'].includes(url.protocol) && url.href === `${url.origin}/`,
    'must be like https://labs.example.org, without a path',
  );
const absolutePath = z.string().startsWith('/', 'must be an absolute path');

const Environment = z.object({
  /** The address or name that the page is served on; other machines reach it where that is not the loopback. */
  DRYDOCK_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]+$/, 'must be an address of this machine, such as 0.0.0.0')
    .default('127.0.0.1'),
  /** The port that the page is served on. */
  DRYDOCK_PORT: z.coerce.number().int().min(0).max(65_535).default(7300),
  /** The address that browsers come to, where that is another: a name, or a proxy in front of this server. */
  DRYDOCK_URL: siteUrl.optional(),
  /** What visitors have to know where other machines reach the page; made up and kept where it is not told. */
  DRYDOCK_ACCESS_CODE: z
    .string()
    .max(128)
    .refine((code) => plainCode(code).length >= 8, 'must have 8 characters at least')
    .optional(),
  /** What opens the operator's routes; made up and kept where it is not told. */
  DRYDOCK_OPERATOR_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, 'must have 16 characters at least, and no spaces')
    .optional(),
  /** A certificate with its chain and its key, in PEM, for TLS without a proxy. */
  DRYDOCK_TLS_CERT: absolutePath.optional(),
  DRYDOCK_TLS_KEY: absolutePath.optional(),
  /** Where what is built once is kept: a few gigabytes. */
  DRYDOCK_CACHE: z.string().startsWith('/').optional(),
  /** `manual` never installs anything on the system; what is missing is named instead. */
  DRYDOCK_SETUP: z.enum(['auto', 'manual']).default('auto'),
  /**
   * Which Docker engine labs run on: one that was found, Drydock's own, or the first where it can run all labs. Its own
   * unless told: hosts on another have the machine's own kernel, which nobody should give to learners unawares.
   */
  DRYDOCK_ENGINE: z.enum(['auto', 'external', 'embedded']).default('embedded'),
  /** How long open labs wait for the next start of the server, before they end with their engine. */
  DRYDOCK_LAB_LEASE_HOURS: z.coerce.number().min(0.1).max(168).default(4),
  /** How long a lab may go on once its hosts are ready; 0: until somebody ends it. */
  DRYDOCK_LAB_MINUTES: z.coerce.number().min(0).max(10_080).default(120),
  /** How often a learner may put the end off, and by how much each time. */
  DRYDOCK_EXTENSIONS: z.coerce.number().int().min(0).max(100).default(2),
  DRYDOCK_EXTENSION_MINUTES: z.coerce.number().min(0.1).max(1440).default(30),
  /** After how long hosts are frozen that nobody looks at, and after how long again removed; 0: never. */
  DRYDOCK_FREEZE_MINUTES: z.coerce.number().min(0).max(10_080).default(15),
  DRYDOCK_REAP_MINUTES: z.coerce.number().min(0).max(10_080).default(60),
  /** How many may wait for a place where the engine holds no more labs. */
  DRYDOCK_QUEUE: z.coerce.number().int().min(0).max(1000).default(20),
  /** For how long whoever waits there may stay away; 0: for ever. */
  DRYDOCK_AWAY_MINUTES: z.coerce.number().min(0).max(10_080).default(10),
  /** Folders of scenarios besides Drydock's own, written like PATH. */
  DRYDOCK_SCENARIOS: z
    .string()
    .default('')
    .transform((folders) => folders.split(':').filter(Boolean))
    .refine((folders) => folders.every((folder) => folder.startsWith('/')), 'must be absolute paths'),
  /** Whether Drydock's own scenarios are served, too. */
  DRYDOCK_OWN_LABS: z.enum(['on', 'off']).default('on'),
  /** How many clusters of each kind lie ready for whoever starts a lab. */
  DRYDOCK_SPARE_CLUSTERS: z.coerce.number().int().min(0).max(16).default(1),
  /** The range that clusters take their addresses from. */
  DRYDOCK_SUBNETS: z
    .string()
    .default(CLUSTER_POOL)
    .superRefine((pool, context) => {
      const message = poolProblem(pool);
      if (message !== null) context.addIssue({ code: 'custom', message });
    }),
  /**
   * Whether labs reach the internet: its public addresses, and nothing of this machine's own networks. Off unless told, as
   * whoever has a shell there has it from this machine's address.
   */
  DRYDOCK_EGRESS: z.enum(['off', 'on']).default('off'),
  /**
   * The machines that exist already which labs may use: those that ssh reaches, the one that runs Drydock, or both. Off
   * unless told, as every learner has a shell there as the user that the server runs as.
   */
  DRYDOCK_OWN_HOSTS: z.enum(['off', 'ssh', 'local', 'all']).default('off'),
  /** How many labs may be open on them at once: no place on the engine limits these. */
  DRYDOCK_OWN_HOST_LABS: z.coerce.number().int().min(1).max(1000).default(40),
  /** What the virtual machine gets of the machine; by what that has where it is not told. */
  DRYDOCK_MEMORY_MIB: z.coerce.number().int().min(1280).optional(),
  DRYDOCK_CORES: z.coerce.number().int().min(1).max(64).optional(),
  DRYDOCK_DISK_GIB: z.coerce.number().int().min(8).max(4096).optional(),
  XDG_CACHE_HOME: z.string().startsWith('/').optional(),
  HOME: z.string().startsWith('/').optional(),
});

export type Config = Readonly<{
  port: number;
  site: Readonly<SiteSettings>;
  cache: string;
  setup: 'auto' | 'manual';
  engine: EngineChoice;
  leaseHours: number;
  /** As the sessions' own; in milliseconds. */
  terms: Readonly<{
    limit: Readonly<{ length: number; extensions: number; extension: number }> | null;
    freezeAfter: number | null;
    reapAfter: number | null;
    queue: number;
    awayAfter: number | null;
  }>;
  scenarios: readonly string[];
  ownLabs: boolean;
  spareClusters: number;
  subnets: string;
  egress: boolean;
  ownHosts: readonly OwnHost['kind'][];
  ownHostLabs: number;
  machine: Readonly<{ memoryMiB?: number; cores?: number; diskGiB?: number; egress?: true }>;
}>;
const OWN_HOSTS = { off: [], ssh: ['ssh'], local: ['local'], all: ['local', 'ssh'] } satisfies Record<
  string,
  OwnHost['kind'][]
>;
export type EngineChoice = 'auto' | 'external' | 'embedded';

/** Drydock's settings from the environment, read once; every problem is told, in one error. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  // An empty variable is one that is not set: that is how people unset them.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
    throw new UserError(`These settings are not usable:\n${problems.join('\n')}`);
  }
  const { data } = parsed;
  const caches = data.XDG_CACHE_HOME ?? (data.HOME === undefined ? undefined : join(data.HOME, '.cache'));
  const cache = data.DRYDOCK_CACHE ?? (caches === undefined ? undefined : join(caches, 'drydock'));
  if (cache === undefined) {
    throw new UserError('There is no home folder to keep things in. Set DRYDOCK_CACHE to a folder.');
  }
  const site = siteOf(data);
  const egress = data.DRYDOCK_EGRESS === 'on';
  const { DRYDOCK_MEMORY_MIB: memoryMiB, DRYDOCK_CORES: cores, DRYDOCK_DISK_GIB: diskGiB } = data;
  return Object.freeze({
    port: data.DRYDOCK_PORT,
    site,
    cache,
    setup: data.DRYDOCK_SETUP,
    engine: data.DRYDOCK_ENGINE,
    leaseHours: data.DRYDOCK_LAB_LEASE_HOURS,
    terms: Object.freeze({
      limit:
        data.DRYDOCK_LAB_MINUTES === 0
          ? null
          : Object.freeze({
              length: Math.round(data.DRYDOCK_LAB_MINUTES * MINUTE),
              extensions: data.DRYDOCK_EXTENSIONS,
              extension: Math.round(data.DRYDOCK_EXTENSION_MINUTES * MINUTE),
            }),
      freezeAfter: data.DRYDOCK_FREEZE_MINUTES === 0 ? null : data.DRYDOCK_FREEZE_MINUTES * MINUTE,
      reapAfter: data.DRYDOCK_REAP_MINUTES === 0 ? null : data.DRYDOCK_REAP_MINUTES * MINUTE,
      queue: data.DRYDOCK_QUEUE,
      awayAfter: data.DRYDOCK_AWAY_MINUTES === 0 ? null : data.DRYDOCK_AWAY_MINUTES * MINUTE,
    }),
    scenarios: Object.freeze(data.DRYDOCK_SCENARIOS),
    ownLabs: data.DRYDOCK_OWN_LABS === 'on',
    spareClusters: data.DRYDOCK_SPARE_CLUSTERS,
    subnets: data.DRYDOCK_SUBNETS,
    egress,
    ownHosts: Object.freeze(OWN_HOSTS[data.DRYDOCK_OWN_HOSTS]),
    ownHostLabs: data.DRYDOCK_OWN_HOST_LABS,
    machine: Object.freeze({
      ...(memoryMiB !== undefined && { memoryMiB }),
      ...(cores !== undefined && { cores }),
      ...(diskGiB !== undefined && { diskGiB }),
      ...(egress && { egress }),
    }),
  });
}

/** How the page is reached; settings that contradict each other are refused. */
function siteOf(data: z.infer<typeof Environment>): Readonly<SiteSettings> {
  const { DRYDOCK_TLS_CERT: cert, DRYDOCK_TLS_KEY: key, DRYDOCK_URL: url = null } = data;
  if ((cert === undefined) !== (key === undefined)) {
    throw new UserError('DRYDOCK_TLS_CERT and DRYDOCK_TLS_KEY belong together. Set both, or neither.');
  }
  const tls = cert === undefined || key === undefined ? null : { cert, key };
  if (tls !== null && url?.protocol === 'http:') {
    throw new UserError(
      'DRYDOCK_URL begins with http: though a certificate is set. Let it begin with https:.',
    );
  }
  if (url !== null && isLoopback(url.hostname) && !isLoopback(data.DRYDOCK_HOST)) {
    throw new UserError(
      `DRYDOCK_URL is ${url.origin}, which only this machine reaches, though DRYDOCK_HOST lets others come. Set it to the address that they use, or leave it out.`,
    );
  }
  return Object.freeze({
    host: data.DRYDOCK_HOST,
    url,
    accessCode: data.DRYDOCK_ACCESS_CODE ?? null,
    operatorToken: data.DRYDOCK_OPERATOR_TOKEN ?? null,
    tls,
  });
}
