import { readFile, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { ownCertificate } from '../support/own-certificate.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MAIN = join(import.meta.dirname, '../../server/main.ts');
const STACK = /^\s+at .+:\d+/m;
const ADDRESS = '198.51.100.1';

/** What `up` says on a machine with one address, where it soon ends: the programs that building takes are not there. */
async function upOn(cache: string, settings: Readonly<Record<string, string>>) {
  await using programs = await temporaryFolder();
  await symlink('/usr/bin/flock', join(programs.path, 'flock'));
  const script = `ip link set lo up; ip address add ${ADDRESS}/32 dev lo; ip link add net0 type veth peer name net1; ip link set net0 up; ip link set net1 up
    ip address add 198.51.100.2/24 dev net0; PATH="$1" exec "$2" "$3" up`;
  const { exitCode, stdout, stderr } = await execa(
    'unshare',
    ['--net', 'sh', '-c', script, 'sh', programs.path, process.execPath, MAIN],
    {
      env: { DRYDOCK_CACHE: cache, DRYDOCK_PORT: '7300', DRYDOCK_SETUP: 'manual', ...settings },
      stdin: 'ignore',
      reject: false,
    },
  );
  return { exitCode, stdout, stderr };
}

// Only root can make such a machine.
describe.skipIf(process.getuid?.() !== 0)('a start', { timeout: 60_000 }, () => {
  it('that lets others come tells the code, the link and the token’s place, and keeps all three', async () => {
    await using cache = await temporaryFolder();
    const first = await upOn(cache.path, { DRYDOCK_HOST: '0.0.0.0' });
    const code = /access code ([\w-]+)\./.exec(first.stdout)?.[1] ?? '';
    expect(code).toMatch(/^[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}$/);
    expect(first.stdout).toContain(`http://198.51.100.2:7300/#${code}`);
    expect(first.stdout).toContain('Without TLS, whoever is on the network can read that');
    expect(first.stdout).toContain(join(cache.path, 'operator-token'));
    const kept = ['access-code', 'operator-token', 'cookie-secret'].map((name) => join(cache.path, name));
    const before = await Promise.all(kept.map((file) => readFile(file, 'utf8')));
    const modes = await Promise.all(kept.map(async (file) => (await stat(file)).mode & 0o777));
    expect(modes).toEqual([0o600, 0o600, 0o600]);
    const again = await upOn(cache.path, { DRYDOCK_HOST: ADDRESS });
    expect(again.stdout).toContain(`http://${ADDRESS}:7300/#${code}`);
    expect(await Promise.all(kept.map((file) => readFile(file, 'utf8')))).toEqual(before);
    const log = await readFile(join(cache.path, 'drydock.log'), 'utf8');
    expect([code, ...before.map((text) => text.trim())].filter((secret) => log.includes(secret))).toEqual([]);
  });

  it('for this machine alone says nothing of codes', async () => {
    await using cache = await temporaryFolder();
    const { stdout } = await upOn(cache.path, {});
    expect(stdout).toContain('Open http://127.0.0.1:7300 already');
    expect(stdout).not.toContain('code');
  });

  it('tells the address that it was given, with TLS without a warning', async () => {
    await using cache = await temporaryFolder();
    const { cert, key } = await ownCertificate({ name: 'labs.example' });
    const { stdout } = await upOn(cache.path, {
      DRYDOCK_HOST: '0.0.0.0',
      DRYDOCK_URL: 'https://labs.example',
      DRYDOCK_ACCESS_CODE: 'Open Sesame!',
      DRYDOCK_OPERATOR_TOKEN: 'a-token-of-16-or-more',
      DRYDOCK_TLS_CERT: await cache.write('cert.pem', cert),
      DRYDOCK_TLS_KEY: await cache.write('key.pem', key, 0o600),
    });
    expect(stdout).toContain('https://labs.example/#Open%20Sesame!');
    expect(stdout).toContain('Open https://labs.example already');
    expect(stdout).not.toMatch(/Without TLS|a-token-of-16/);
  });

  it.each([
    ['an address of another machine', { DRYDOCK_HOST: '203.0.113.9' }, 'is no address of this machine'],
    ['a name that is nobody’s', { DRYDOCK_HOST: 'no.such.example' }, 'is no address of this machine'],
    [
      'a certificate that is not there',
      { DRYDOCK_TLS_CERT: '/no/cert.pem', DRYDOCK_TLS_KEY: '/no/key.pem' },
      'DRYDOCK_TLS_CERT cannot be read',
    ],
  ])('on %s is refused in a sentence', async (_what, settings, expected) => {
    await using cache = await temporaryFolder();
    const { exitCode, stderr } = await upOn(cache.path, settings);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(expected)]);
    expect(stderr).not.toMatch(STACK);
  });
});
