import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepUsed } from '../../server/cli/external-record.ts';
import { embeddedGround } from '../../server/images/ground.ts';
import { loadScenarios } from '../../server/scenarios/load-scenarios.ts';
import { openSessionStore } from '../../server/sessions/store.ts';
import { drydock } from '../support/drydock-command.ts';
import { FakeProvisioner } from '../support/fake-provisioner.ts';
import { GONE_ENGINE } from '../support/gone-engine.ts';
import { startTestApp } from '../support/test-app.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { scenarioFolder } from '../unit/scenarios/scenario-folder.ts';

const scenarioYaml = (host: string) => `title: { en: A lab }
summary: { en: Short }
minutes: 5
hosts: [${host}]
intro: intro
steps: [{ id: first, title: { en: First }, text: step1, rests-on: [], checks: [] }]
finish: finish
`;
const lab = (host: string) => ({
  'scenario.yaml': scenarioYaml(host),
  'intro.md': 'Hello',
  'step1.md': 'Run `hostname`{{exec}}',
  'finish.md': 'Bye',
});

/** A command on a cache folder in which a lab is open, and whose labs ran on an engine that is there no more. */
async function whileOpen(slug: 'made' | 'desk', command: 'up' | 'cluster') {
  await using folder = await scenarioFolder({ made: lab('host01'), desk: lab('host01: local') });
  await using cache = await temporaryFolder();
  const { scenarios } = await loadScenarios(folder.path);
  const scenario = scenarios.get(slug);
  if (scenario === undefined) throw new Error('The scenario could not be loaded.');
  {
    using store = openSessionStore(join(cache.path, 'sessions.db'));
    const ownHosts = { allowed: ['local'], environment: process.env } as const;
    const app = await startTestApp({
      scenario,
      ownHosts,
      after: { store, provisioner: new FakeProvisioner() },
    });
    using learner = app.client();
    await learner.start();
    learner.disconnect();
    await app.leave();
    expect(store.load()).toHaveLength(1);
  }
  await keepUsed(cache.path, { engine: GONE_ENGINE, owner: 'somebody', ground: null });
  // Without the programs that building takes, a start ends where it would begin to build.
  await using programs = await temporaryFolder();
  await symlink('/usr/bin/flock', join(programs.path, 'flock'));
  return await drydock(cache.path, [command], {
    environment: { DRYDOCK_SCENARIOS: folder.path, DRYDOCK_OWN_HOSTS: 'local', PATH: programs.path },
  });
}

describe('with labs open on machines that exist already', { timeout: 60_000 }, () => {
  it.each(['up', 'cluster'] as const)('%s leaves an engine for another', async (command) => {
    const { exitCode, stderr } = await whileOpen('desk', command);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('mmdebstrap');
    expect(stderr).not.toContain('Labs may be open');
  });
});

describe('with labs open that have hosts on an engine', { timeout: 60_000 }, () => {
  it('cluster does not leave it for another', async () => {
    const { exitCode, stderr } = await whileOpen('made', 'cluster');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Labs may be open on the Docker engine at unix:///nowhere/docker.sock');
  });
});

describe('beside a server that has no place for another cluster', { timeout: 60_000 }, () => {
  it('prove says how to get one', async () => {
    await using cache = await temporaryFolder();
    await using _ = await startTestApp({ cache: cache.path });
    await keepUsed(cache.path, {
      engine: GONE_ENGINE,
      owner: 'somebody',
      ground: embeddedGround('somebody'),
    });
    const { exitCode, stderr } = await drydock(cache.path, ['prove', 'first-steps']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('there is no place for another cluster');
    expect(stderr).toMatch(/“npm run drydock -- ps” lists them, and “npm run drydock -- end ID” ends one/);
  });
});
