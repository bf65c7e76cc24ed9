// A process: the real server, put together as `up` does it, with one lab on this machine's own shells, and the page built
// in the folder that is told, where one is.
import { createApp } from '../../../server/app.ts';
import { ClusterChecks } from '../../../server/checks/cluster-checks.ts';
import { openLog } from '../../../server/log.ts';
import type { Scenario } from '../../../server/scenarios/scenario.ts';
import { EngineGate } from '../../../server/sessions/engine-gate.ts';
import { openSessionStore } from '../../../server/sessions/store.ts';
import { NO_TERMS } from '../../../server/sessions/terms.ts';
import { page, step, twoStepScenario } from '../../support/scenarios.ts';
import { testAccess } from '../../support/test-access.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { servePeer } from '../peer-process.ts';

const deskLab: Scenario = {
  ...twoStepScenario,
  slug: 'desk',
  hosts: ['host01', 'host02'],
  ownHosts: new Map([
    ['host01', { kind: 'local' }],
    ['host02', { kind: 'local' }],
  ]),
  steps: [step('only', 0, page('work'))],
};

const folder = await temporaryFolder();
const [webRoot = folder.path] = process.argv.slice(2);
await folder.write('index.html', '<!doctype html><title>Drydock</title>');
await folder.write('.bash_profile', "PS1='$ '; HISTFILE=\n");
const app = createApp({
  scenarios: new Map([[deskLab.slug, deskLab]]),
  engine: new EngineGate(),
  store: openSessionStore(`${folder.path}/sessions.db`),
  terms: NO_TERMS,
  openChecks: (cluster) => new ClusterChecks(cluster),
  ownHosts: { allowed: ['local'], environment: { PATH: process.env['PATH'], HOME: folder.path } },
  access: testAccess(),
  webRoot,
  log: openLog(`${folder.path}/drydock.log`),
});
const { url } = await app.listen({ host: '127.0.0.1', port: 0 });
await servePeer(url);
await app[Symbol.asyncDispose]();
await folder[Symbol.asyncDispose]();
