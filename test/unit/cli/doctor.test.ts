import { mkdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { describeReport } from '../../../server/cli/doctor/finding.ts';
import { acceleration, memory } from '../../../server/cli/doctor/machine.ts';
import { external } from '../../../server/cli/doctor/external.ts';
import { preparation } from '../../../server/cli/doctor/preparation.ts';
import { scenarioFinding } from '../../../server/cli/doctor/scenarios.ts';
import { externalKey } from '../../../server/cli/external-lab.ts';
import { keepRefused } from '../../../server/cli/external-record.ts';
import { CLUSTER_POOL } from '../../../server/clusters/subnets.ts';
import { findParts, type Parts } from '../../../server/cli/parts.ts';
import { readConfig } from '../../../server/config.ts';
import { findExternal } from '../../../server/engines/external/find-external.ts';
import { engineAnswers } from '../../support/engine-answers.ts';
import { listen } from '../../support/listen.ts';
import { chooseAccelerator, type HardwareOffer } from '../../../server/engines/embedded/acceleration.ts';
import { guestFiles } from '../../../server/engines/embedded/build-embedded.ts';
import { embeddedPrograms, missingPackages } from '../../../server/engines/system-packages.ts';
import { twoStepScenario } from '../../support/scenarios.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const CONFIG = readConfig({ HOME: '/home/ann', DRYDOCK_PORT: '0', DRYDOCK_SETUP: 'manual' });
const PROBLEM = { file: '/labs/broken/scenario.yaml', line: 3, column: 5, message: 'hosts: missing' };

async function prepared(cache: string, parts: Parts, isRoot: boolean) {
  const config = { ...CONFIG, cache };
  const findings = await preparation({ config, parts, isRoot });
  return new Map(findings.map((finding) => [finding.id, finding]));
}

describe('doctor', () => {
  it('says that root is needed for installing packages and never for building', async () => {
    await using cache = await temporaryFolder();
    const parts = await findParts({ cache: cache.path, machine: {}, subnets: CLUSTER_POOL }, [
      twoStepScenario,
    ]);
    const root = (await prepared(cache.path, parts, true)).get('root');
    expect(root).toMatchObject({ state: 'ok', isRoot: true, namespace: null });
    expect(root?.message).toContain('for installing packages only');
    const user = (await prepared(cache.path, parts, false)).get('root');
    expect(user).toMatchObject({ isRoot: false, needs: await missingPackages(embeddedPrograms(false)) });
    expect(user?.message).toContain('Building, the labs and QEMU need no root');
    await Promise.all(Object.values(parts).map((folder) => mkdir(folder)));
    expect((await prepared(cache.path, parts, false)).get('cache')).toMatchObject({ state: 'ok' });
  });

  it('tells parts of this version from those of another', async () => {
    await using cache = await temporaryFolder();
    const parts = await findParts({ cache: cache.path, machine: {}, subnets: CLUSTER_POOL }, [
      twoStepScenario,
    ]);
    await mkdir(parts['guest'] ?? '');
    await mkdir(`${cache.path}/disks-0123456789abcdef`);
    expect((await prepared(cache.path, parts, true)).get('cache')).toMatchObject({
      state: 'warning',
      built: { guest: true, disks: false },
      older: ['disks-0123456789abcdef'],
    });
  });

  it('says what the virtual machine gets of this machine', () => {
    expect(memory(2)).toMatchObject({ hosts: 2, labs: expect.any(Number), guestMiB: expect.any(Number) });
  });

  it('says whether the virtual machine is emulated, and why', async () => {
    await using cache = await temporaryFolder();
    const offer = { flag: 'svm', device: true, processor: 'a processor' } as const;
    const says = (changed: Partial<HardwareOffer>) => acceleration(cache.path, { ...offer, ...changed });
    expect(await says({ flag: null })).toMatchObject({ state: 'ok', emulated: true, tried: false });
    expect(await says({ device: false })).toMatchObject({ state: 'warning', emulated: true });
    expect((await says({})).message).toContain('the next start tries');
    const build = await guestFiles(cache.path);
    await chooseAccelerator(cache.path, build, offer, () => Promise.resolve('it hung'));
    expect(await says({})).toMatchObject({
      emulated: true,
      message: expect.stringContaining('but: it hung'),
    });
    await chooseAccelerator(cache.path, build, { ...offer, processor: 'another' }, () =>
      Promise.resolve(null),
    );
    expect(await says({ processor: 'another' })).toMatchObject({ state: 'ok', emulated: false });
  });

  it('names scenarios that cannot be served, and calls it a problem where none can', () => {
    const scenarios = new Map([[twoStepScenario.slug, twoStepScenario]]);
    expect(scenarioFinding({ scenarios, problems: [] }).state).toBe('ok');
    const some = scenarioFinding({ scenarios, problems: [PROBLEM] });
    expect([some.state, some.remedy]).toEqual([
      'warning',
      'Mend these:\n/labs/broken/scenario.yaml:3:5: hosts: missing',
    ]);
    expect(scenarioFinding({ scenarios: new Map(), problems: [PROBLEM] }).state).toBe('problem');
    expect(scenarioFinding({ scenarios: new Map(), problems: [] }).remedy).toContain('DRYDOCK_SCENARIOS');
  });

  it('says that labs run on a Docker engine which was found, and what that does not prevent', async () => {
    await using folder = await temporaryFolder();
    const socket = `${folder.path}/engine.sock`;
    await using _ = await listen(engineAnswers('well'), socket);
    const environment = { PATH: process.env['PATH'], HOME: folder.path, DOCKER_HOST: `unix://${socket}` };
    const look = (engine: 'auto' | 'external' | 'embedded') =>
      external({ ...CONFIG, cache: folder.path, engine }, environment, [twoStepScenario]);
    const { findings, used } = await look('auto');
    expect(used).toBe(true);
    expect(findings).toMatchObject([{ id: 'docker', state: 'warning', found: true, unavailable: [] }]);
    expect(findings[0]?.message).toContain('not limited');
    expect(await look('embedded')).toMatchObject({ used: false, findings: [{ state: 'ok' }, {}] });
  }, 30_000);

  it('says why labs do not run on a Docker engine whose kernel was found to lack something', async () => {
    await using folder = await temporaryFolder();
    const socket = `${folder.path}/engine.sock`;
    await using _ = await listen(engineAnswers('well'), socket);
    const environment = { PATH: process.env['PATH'], HOME: folder.path, DOCKER_HOST: `unix://${socket}` };
    const search = await findExternal({ environment });
    if (search.state !== 'found') throw new Error('The engine was not found.');
    await keepRefused(folder.path, await externalKey(search.engine), {
      hosts: [],
      needs: { swarm: ['ip_vs'] },
    });
    const scenarios = [{ ...twoStepScenario, needs: ['swarm'] }];
    const look = (engine: 'auto' | 'external') =>
      external({ ...CONFIG, cache: folder.path, engine }, environment, scenarios);
    const auto = await look('auto');
    expect(auto).toMatchObject({ used: false, findings: [{ unavailable: ['two-steps'] }, {}] });
    expect(auto.findings[0]?.message).toContain('lacks ip_vs');
    expect(await look('external')).toMatchObject({ used: true, findings: [{ unavailable: ['two-steps'] }] });
  }, 60_000);

  it('calls it a problem where the Docker engine that is asked for does not answer', async () => {
    await using folder = await temporaryFolder();
    const environment = {
      PATH: process.env['PATH'],
      HOME: folder.path,
      DOCKER_HOST: `unix://${folder.path}/nothing`,
    };
    const { findings } = await external({ ...CONFIG, engine: 'external' }, environment, []);
    expect(findings[0]).toMatchObject({ state: 'problem', places: expect.arrayContaining(['DOCKER_HOST']) });
  }, 30_000);

  it('puts below each finding that is not ok what to do, however many lines that takes', () => {
    const findings = [
      { id: 'a', state: 'ok', message: 'Fine.' } as const,
      { id: 'b', state: 'problem', message: 'Missing.', remedy: 'Run this:\nsudo it' } as const,
    ];
    expect(describeReport({ version: '1', ok: false, findings })).toBe(
      'Drydock 1\n\nok       Fine.\nproblem  Missing.\n      → Run this:\n        sudo it\n\nLabs cannot run yet. Mend what is called a problem above and look again.\n',
    );
  });
});
