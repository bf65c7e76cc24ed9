// A process: the real server over the Docker engine that the environment names, with Drydock's own labs. It is told the one
// whose spare clusters it keeps, the folder with the built page, how many labs there may be, and how many spares.
// Says on request how many spares lie ready, and how many labs have a place.
import { pino } from 'pino';
import { createApp, type App } from '../../../server/app.ts';
import { ClusterChecks } from '../../../server/checks/cluster-checks.ts';
import { adoptCluster } from '../../../server/clusters/adopt.ts';
import { ClusterPool } from '../../../server/clusters/pool.ts';
import { provisionCluster } from '../../../server/clusters/provision.ts';
import { reapCluster } from '../../../server/clusters/reap.ts';
import { EngineGate } from '../../../server/sessions/engine-gate.ts';
import { openSessionStore } from '../../../server/sessions/store.ts';
import { NO_TERMS } from '../../../server/sessions/terms.ts';
import { ownScenarios } from '../../support/own-scenarios.ts';
import { testAccess } from '../../support/test-access.ts';
import { servePeer } from '../peer-process.ts';

const [slug = '', webRoot = '', capacity = '0', spares = '1'] = process.argv.slice(2);
const scenarios = await ownScenarios();
const scenario = scenarios.get(slug);
if (scenario === undefined) throw new Error(`There is no scenario named ${slug}.`);
const pool = new ClusterPool({
  provision: provisionCluster,
  wanted: () => Array.from({ length: Number(spares) }, () => ({ hosts: scenario.hosts })),
  room: () => Number(capacity) - app.sessions.places,
  onError: (error) => process.stderr.write(`${String(error)}\n`),
});
const gate = new EngineGate();
gate.open({
  provision: pool.provision,
  adopt: adoptCluster,
  remove: reapCluster,
  capacity: Number(capacity),
  lacks: new Map(),
  limits: [],
  runs: async () => true,
});
const store = openSessionStore(':memory:');
const app: App = createApp({
  scenarios,
  engine: gate,
  store,
  terms: { ...NO_TERMS, queue: 50 },
  openChecks: (cluster) => new ClusterChecks(cluster),
  access: testAccess(),
  webRoot,
  log: pino({ level: 'silent' }),
});
pool.fill();
const { url } = await app.listen({ host: '127.0.0.1', port: 0 });
await servePeer(url, {
  spares() {
    // Whoever asks wants them now: nobody's terminals are being opened meanwhile.
    pool.fill();
    return pool.ready;
  },
  places: () => app.sessions.places,
});
await app[Symbol.asyncDispose]();
await pool[Symbol.asyncDispose]();
store[Symbol.dispose]();
