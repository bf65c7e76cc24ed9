import { pino } from 'pino';
import type { Certificate } from '../../server/access/certificate.ts';
import { createApp } from '../../server/app.ts';
import { openControl } from '../../server/control/open-control.ts';
import { openSessionStore, type SessionStore } from '../../server/sessions/store.ts';
import { NO_TERMS, type SessionTerms } from '../../server/sessions/terms.ts';
import type { Scenario } from '../../server/scenarios/scenario.ts';
import { EngineGate, type EngineMeans } from '../../server/sessions/engine-gate.ts';
import type { OwnHostsSettings } from '../../server/sessions/own-hosts-gate.ts';
import type { Shell } from './fake-host.ts';
import { FakeProvisioner } from './fake-provisioner.ts';
import { LabClient } from './lab-client.ts';
import { MemoryLog } from './memory-log.ts';
import { testAccess, type TestAccessOptions } from './test-access.ts';
import { twoStepScenario } from './scenarios.ts';
import { ScriptedChecks } from './scripted-checks.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const INDEX_HTML = '<!doctype html><title>Drydock</title>';
export const DOOR_HTML = '<!doctype html><title>The door</title>';

/** A shell that knows `hostname`, and `count N`, which prints N numbered lines. */
const shell: Shell = (line, host) => {
  const [command, argument] = line.split(' ');
  if (command === 'hostname') return `${host}\r\n`;
  if (command === 'count') {
    return Array.from({ length: Number(argument) }, (_, i) => `line ${i} 行\r\n`).join('');
  }
  return `unknown: ${line}\r\n`;
};

export type TestAppOptions = {
  port?: number;
  capacity?: number;
  /** Leaves the engine to the test, to be prepared by `engine` and opened by `openEngine`. */
  preparing?: boolean;
  /** How long labs may go on and be left alone; for ever unless told. */
  terms?: Partial<SessionTerms>;
  /** What another server, on the same engine, has kept. */
  after?: { store: SessionStore; provisioner: FakeProvisioner };
  scenario?: Scenario;
  /** Instead of one scenario; the first is the one that `client` is for. */
  scenarios?: ReadonlyMap<string, Scenario>;
  /** The folder of a built page; without it, the page is one of two files. */
  page?: string;
  /** The machines that exist already which labs may use; none unless told. */
  ownHosts?: OwnHostsSettings;
  /** How it is reached, and by whom; by this machine alone unless told. */
  site?: TestAccessOptions;
  /** The cache folder in which commands are to find it; without it, none do. */
  cache?: string;
};

/** The real server on a free port, over fake clusters. */
export async function startTestApp(options: TestAppOptions = {}) {
  const { port = 0, capacity = 10, preparing = false, page, cache, terms, after, site, ownHosts } = options;
  const { scenario: only = twoStepScenario, scenarios = new Map([[only.slug, only]]) } = options;
  const [scenario = only] = scenarios.values();
  const provisioner = after?.provisioner ?? new FakeProvisioner(shell);
  const engine = new EngineGate();
  let means = provisioner.means(capacity);
  const openEngine = (changes: Partial<Pick<EngineMeans, 'lacks' | 'limits'>> = {}) => {
    means = { ...means, ...changes };
    engine.open(means);
  };
  if (!preparing) openEngine();
  const checks = new ScriptedChecks();
  const store = after?.store ?? openSessionStore(':memory:');
  const log = new MemoryLog();
  const built = await temporaryFolder();
  await built.write('index.html', INDEX_HTML);
  await built.write('door.html', DOOR_HTML);
  await built.write('assets/main-abc123.js', 'export {};');
  await built.write('theme.js', '// theme');
  const webRoot = page ?? built.path;
  const app = createApp({
    scenarios,
    engine,
    store,
    terms: { ...NO_TERMS, ...terms },
    openChecks: checks.open,
    ...(ownHosts && { ownHosts }),
    access: testAccess(site),
    ...(site?.certificate && { certificate: site.certificate }),
    spareClusters: () => 0,
    webRoot,
    log: pino({ level: 'debug' }, log),
  });
  const told = Promise.withResolvers<void>();
  const control =
    cache === undefined
      ? null
      : await openControl(cache, { version: '0.0.0', command: 'up', stop: told.resolve });
  const close = async () => {
    control?.stopping();
    await app[Symbol.asyncDispose]();
    await built[Symbol.asyncDispose]();
    await control?.[Symbol.asyncDispose]();
  };
  const { url } = await app
    .listen({ host: site?.host ?? '127.0.0.1', port })
    .catch(async (error: unknown) => {
      await close();
      throw error;
    });
  control?.serve({
    url,
    labs: () => app.sessions.list(),
    endLab: (id) => app.sessions.endRun(id),
    takePlace: async () => null,
  });
  return {
    url,
    /** Resolves when a command has told it to end; a test then disposes of it, as a real one does itself. */
    toldToStop: told.promise,
    webRoot,
    provisioner,
    store,
    engine,
    openEngine,
    /** The engine ends by itself; another is being prepared, until `openEngine`. */
    loseEngine: () => {
      engine.lose(means);
      app.sessions.loseHosts();
    },
    sessions: app.sessions,
    /** Stop the server as one that will be started again. */
    leave: () => app.leave(),
    renew: (certificate: Certificate) => app.renew(certificate),
    checks,
    log,
    client: () => new LabClient(url, scenario.slug),
    [Symbol.asyncDispose]: close,
  };
}
