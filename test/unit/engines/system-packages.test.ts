import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ensureSystemPrograms, type Installation } from '../../../server/engines/system-packages.ts';
import { UserError } from '../../../server/engines/user-error.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const PROGRAMS = {
  'drydock-one': 'package-one',
  'drydock-two': 'package-two',
  'drydock-three': 'package-two',
};
const INSTALL = 'install --yes --no-install-recommends';
const WAIT = '-o DPkg::Lock::Timeout=120';

/**
 * A machine whose PATH begins with a folder of ours: with the programs that are installed, and an apt-get that
 * notes what it is asked to do and answers as `answers` says.
 */
async function machine(installed: readonly string[], answers = '') {
  const folder = await temporaryFolder();
  const calls = join(folder.path, 'calls');
  await folder.write('calls', '');
  const script = `#!/bin/sh\necho "$*" >> '${calls}'\n${answers}\n`;
  await folder.write('bin/apt-get', script, 0o755);
  await Promise.all(installed.map((name) => folder.write(`bin/${name}`, '#!/bin/sh\n', 0o755)));
  vi.stubEnv('PATH', `${join(folder.path, 'bin')}:${process.env['PATH']}`);
  const told: string[] = [];
  const lines: string[] = [];
  return {
    folder,
    told,
    lines,
    /** What apt-get was called with, in order. */
    calls: async () => (await readFile(calls, 'utf8')).split('\n').slice(0, -1),
    ensure: (options: Partial<Installation> = {}) =>
      ensureSystemPrograms(PROGRAMS, {
        setup: 'auto',
        isRoot: true,
        announce: (message) => told.push(message),
        onLine: (line) => lines.push(line),
        ...options,
      }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** The error that a promise fails with, which has to be one for people. */
async function refusal(work: Promise<void>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  return error instanceof Error ? error.message : '';
}

afterEach(() => vi.unstubAllEnvs());

describe('making sure of the programs of the system', () => {
  it('does not so much as call apt-get where nothing is missing', async () => {
    await using here = await machine(Object.keys(PROGRAMS));
    await here.ensure();
    await here.ensure({ isRoot: false, setup: 'manual' });
    expect(await here.calls()).toEqual([]);
    expect(here.told).toEqual([]);
  });

  it('takes a file that cannot be executed for no program', async () => {
    await using here = await machine(['drydock-one', 'drydock-two']);
    await here.folder.write('bin/drydock-three', 'a text');
    expect(await refusal(here.ensure({ isRoot: false }))).toContain('package-two');
  });

  it('gives anybody but root the one line to run, and does nothing', async () => {
    await using here = await machine([]);
    const message = await refusal(here.ensure({ isRoot: false }));
    expect(message.split('\n').at(-1)?.trim()).toBe(`sudo apt-get ${INSTALL} package-one package-two`);
    expect(await here.calls()).toEqual([]);
  });

  it('does the same for root when told to install nothing', async () => {
    await using here = await machine(['drydock-one']);
    const message = await refusal(here.ensure({ setup: 'manual' }));
    expect(message.split('\n').at(-1)?.trim()).toBe(`apt-get ${INSTALL} package-two`);
    expect(await here.calls()).toEqual([]);
    expect(here.told).toEqual([]);
  });

  it('refuses what would remove a package, naming it, and installs nothing', async () => {
    const answers = `case "$1" in --simulate)
      echo 'Inst package-two (1.0 Debian:13 [amd64])'
      echo 'Remv mail-server [2.1]'
      echo 'Remv web-server [1.4]' ;; esac`;
    await using here = await machine(['drydock-one'], answers);
    const message = await refusal(here.ensure());
    expect(message).toContain('would remove mail-server, web-server from this machine');
    expect(message.split('\n').at(-1)?.trim()).toBe(`apt-get ${INSTALL} package-two`);
    expect(await here.calls()).toEqual([`${WAIT} update`, `--simulate ${INSTALL} package-two`]);
  });

  it('installs exactly the packages that are missing, each once, after it has said so', async () => {
    const answers = `case "$*" in
      --simulate*) echo 'Inst package-two (1.0 Debian:13 [amd64])' ;;
      *install*) echo "Unpacking for $DEBIAN_FRONTEND" ;; esac`;
    await using here = await machine(['drydock-one'], answers);
    await here.ensure();
    expect(await here.calls()).toEqual([
      `${WAIT} update`,
      `--simulate ${INSTALL} package-two`,
      `${WAIT} ${INSTALL} package-two`,
    ]);
    expect(here.told).toEqual(['Installing from Debian: package-two']);
    expect(here.lines).toEqual(['Unpacking for noninteractive']);
  });

  it('goes on where a package list cannot be fetched, and tells so', async () => {
    const answers = `case "$*" in *update) echo 'E: somewhere.example is down'; exit 100 ;; esac`;
    await using here = await machine(['drydock-one'], answers);
    await here.ensure();
    expect((await here.calls()).at(-1)).toBe(`${WAIT} ${INSTALL} package-two`);
    expect(here.lines.join()).toContain('E: somewhere.example is down');
    expect(here.lines.join()).toContain('could not all be fetched');
  });

  it('says what to run and what apt-get said when that cannot install them, and does not go on', async () => {
    const answers = `case "$1" in --simulate) echo 'E: Unable to locate package'; exit 100 ;; esac`;
    await using here = await machine([], answers);
    const message = await refusal(here.ensure());
    expect(message).toContain(`\n  apt-get ${INSTALL} package-one package-two\n`);
    expect(message).toContain('E: Unable to locate package');
    expect(await here.calls()).not.toContain(`${WAIT} ${INSTALL} package-one package-two`);
  });
});
