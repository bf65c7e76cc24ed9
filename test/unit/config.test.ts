import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../server/config.ts';
import { UserError } from '../../server/engines/user-error.ts';

/** The message that settings are refused with. */
function refusal(environment: NodeJS.ProcessEnv): string {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('The settings were accepted.');
}

describe('the settings', () => {
  it('need nothing but a home folder', () => {
    expect(readConfig({ HOME: '/home/ann', OTHER: 'thing' })).toEqual({
      port: 7300,
      site: { host: '127.0.0.1', url: null, accessCode: null, operatorToken: null, tls: null },
      cache: '/home/ann/.cache/drydock',
      setup: 'auto',
      engine: 'embedded',
      leaseHours: 4,
      terms: {
        limit: { length: 7_200_000, extensions: 2, extension: 1_800_000 },
        freezeAfter: 900_000,
        reapAfter: 3_600_000,
        queue: 20,
        awayAfter: 600_000,
      },
      scenarios: [],
      ownLabs: true,
      spareClusters: 1,
      subnets: '172.16.0.0/16',
      egress: false,
      ownHosts: [],
      ownHostLabs: 40,
      machine: {},
    });
  });

  it('let labs go on for ever, and be left alone for ever, where that is wanted', () => {
    const forever = { DRYDOCK_LAB_MINUTES: '0', DRYDOCK_FREEZE_MINUTES: '0', DRYDOCK_REAP_MINUTES: '0' };
    expect(readConfig({ HOME: '/home/ann', ...forever }).terms).toMatchObject({
      limit: null,
      freezeAfter: null,
      reapAfter: null,
    });
  });

  it('name folders of scenarios as PATH does those of programs, and none that depends on where one is', () => {
    const config = readConfig({ HOME: '/home/ann', DRYDOCK_SCENARIOS: '/srv/labs::/srv/more labs' });
    expect(config.scenarios).toEqual(['/srv/labs', '/srv/more labs']);
    expect(refusal({ HOME: '/home/ann', DRYDOCK_SCENARIOS: '/srv/labs:labs' })).toContain('absolute');
    expect(readConfig({ HOME: '/home/ann', DRYDOCK_OWN_LABS: 'off' }).ownLabs).toBe(false);
  });

  it('are those of the environment where it has them', () => {
    const environment = {
      HOME: '/home/ann',
      DRYDOCK_PORT: '0',
      DRYDOCK_SETUP: 'manual',
      DRYDOCK_ENGINE: 'external',
    };
    expect(readConfig({ ...environment, DRYDOCK_CACHE: '/srv/cache' })).toMatchObject({
      port: 0,
      cache: '/srv/cache',
      setup: 'manual',
      engine: 'external',
    });
    const ofLabs = {
      DRYDOCK_LAB_LEASE_HOURS: '0.5',
      DRYDOCK_SPARE_CLUSTERS: '0',
      DRYDOCK_EGRESS: 'on',
    };
    const machine = { DRYDOCK_MEMORY_MIB: '3000', DRYDOCK_CORES: '3', DRYDOCK_DISK_GIB: '20' };
    expect(
      readConfig({ ...environment, ...ofLabs, ...machine, DRYDOCK_SUBNETS: '100.64.0.0/16' }),
    ).toMatchObject({
      leaseHours: 0.5,
      spareClusters: 0,
      subnets: '100.64.0.0/16',
      egress: true,
      machine: { memoryMiB: 3000, cores: 3, diskGiB: 20, egress: true },
    });
  });

  it("put the cache into the user's folder of caches, unless told another", () => {
    const XDG_CACHE_HOME = '/var/caches';
    expect(readConfig({ HOME: '/home/ann', XDG_CACHE_HOME }).cache).toBe('/var/caches/drydock');
    expect(readConfig({ XDG_CACHE_HOME }).cache).toBe('/var/caches/drydock');
    expect(readConfig({ XDG_CACHE_HOME, DRYDOCK_CACHE: '/srv/cache' }).cache).toBe('/srv/cache');
  });

  it('take an empty variable for one that is not set', () => {
    const empty = { DRYDOCK_PORT: '', DRYDOCK_CACHE: '', DRYDOCK_SETUP: '', XDG_CACHE_HOME: '' };
    expect(readConfig({ HOME: '/home/ann', ...empty })).toEqual(readConfig({ HOME: '/home/ann' }));
  });

  it('are asked for a folder where there is no home', () => {
    expect(refusal({ HOME: '' })).toContain('Set DRYDOCK_CACHE to a folder');
  });

  it.each([
    ['DRYDOCK_PORT', '65536'],
    ['DRYDOCK_PORT', '-1'],
    ['DRYDOCK_PORT', '80.5'],
    ['DRYDOCK_PORT', 'http'],
    ['DRYDOCK_CACHE', 'cache'],
    ['DRYDOCK_SETUP', 'automatic'],
    ['DRYDOCK_ENGINE', 'docker'],
    ['DRYDOCK_LAB_LEASE_HOURS', '0'],
    ['DRYDOCK_LAB_LEASE_HOURS', 'long'],
    ['DRYDOCK_SPARE_CLUSTERS', '-1'],
    ['DRYDOCK_SPARE_CLUSTERS', '1.5'],
    ['DRYDOCK_OWN_HOSTS', 'on'],
    ['DRYDOCK_SUBNETS', '10.1.0.0/16'],
    ['DRYDOCK_SUBNETS', '172.16.0.0/24'],
    ['DRYDOCK_MEMORY_MIB', '512'],
    ['DRYDOCK_CORES', '0'],
    ['DRYDOCK_DISK_GIB', '4'],
  ])('are refused by name: %s=%s', (name, value) => {
    const lines = refusal({ HOME: '/home/ann', [name]: value }).split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(new RegExp(`^  ${name}: .`));
  });

  it('are refused with every problem at once', () => {
    const message = refusal({ HOME: '/home/ann', DRYDOCK_PORT: 'http', DRYDOCK_SETUP: 'no' });
    expect(message).toContain('DRYDOCK_PORT');
    expect(message).toMatch(/DRYDOCK_SETUP: .*"auto"\|"manual"/);
  });

  it.each([
    ['off', []],
    ['ssh', ['ssh']],
    ['local', ['local']],
    ['all', ['local', 'ssh']],
  ])('let labs use machines that exist already only where they say which: %s', (value, kinds) => {
    expect(readConfig({ HOME: '/home/ann' }).ownHosts).toEqual([]);
    expect(readConfig({ HOME: '/home/ann', DRYDOCK_OWN_HOSTS: value }).ownHosts).toEqual(kinds);
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(readConfig({ HOME: '/home/ann' }))).toBe(true);
  });
});

describe('how the page is reached', () => {
  const HOME = '/home/ann';

  it('is set by address, name, code, token and certificate', () => {
    const { site } = readConfig({
      HOME,
      DRYDOCK_HOST: '0.0.0.0',
      DRYDOCK_URL: 'https://Labs.example:8443/',
      DRYDOCK_ACCESS_CODE: 'open sesame',
      DRYDOCK_OPERATOR_TOKEN: 'a-token-of-16-or-more',
      DRYDOCK_TLS_CERT: '/etc/ssl/labs.pem',
      DRYDOCK_TLS_KEY: '/etc/ssl/labs.key',
    });
    expect({ ...site, url: site.url?.origin }).toEqual({
      host: '0.0.0.0',
      url: 'https://labs.example:8443',
      accessCode: 'open sesame',
      operatorToken: 'a-token-of-16-or-more',
      tls: { cert: '/etc/ssl/labs.pem', key: '/etc/ssl/labs.key' },
    });
  });

  it.each([
    [{ DRYDOCK_HOST: 'a host' }, 'DRYDOCK_HOST'],
    [{ DRYDOCK_URL: 'labs.example' }, 'DRYDOCK_URL'],
    [{ DRYDOCK_URL: 'ftp://labs.example' }, 'DRYDOCK_URL'],
    [{ DRYDOCK_URL: 'https://labs.example/drydock' }, 'without a path'],
    [{ DRYDOCK_URL: 'https://ann@labs.example' }, 'DRYDOCK_URL'],
    [{ DRYDOCK_ACCESS_CODE: 'a - b - c' }, '8 characters'],
    [{ DRYDOCK_OPERATOR_TOKEN: 'short' }, '16 characters'],
    [{ DRYDOCK_TLS_CERT: '/cert.pem' }, 'belong together'],
    [{ DRYDOCK_TLS_CERT: 'cert.pem', DRYDOCK_TLS_KEY: '/key.pem' }, 'absolute'],
    [
      { DRYDOCK_TLS_CERT: '/cert.pem', DRYDOCK_TLS_KEY: '/key.pem', DRYDOCK_URL: 'http://labs.example' },
      'begin with https:',
    ],
    [{ DRYDOCK_HOST: '0.0.0.0', DRYDOCK_URL: 'http://localhost:7300' }, 'only this machine reaches'],
  ])('is refused where it cannot be: %j', (settings, expected) => {
    expect(refusal({ HOME, ...settings })).toContain(expected);
  });

  it('are each told once among the README’s, which tells no others', async () => {
    const text = (file: string) => readFile(join(import.meta.dirname, '../..', file), 'utf8');
    const names = (from: string, pattern: RegExp) => [...from.matchAll(pattern)].map(([, name]) => name);
    const known = names(await text('server/config.ts'), /^ {2}(DRYDOCK_\w+):/gm);
    const [rows = ''] = /(?<=\n## Settings\n).*?(?=\n## )/s.exec(await text('README.md')) ?? [];
    const told = rows.split('\n').flatMap((row) => names(row.split('|')[1] ?? '', /`(DRYDOCK_\w+)`/g));
    expect(known.length).toBeGreaterThan(0);
    expect([told.length, new Set(told)]).toEqual([known.length, new Set(known)]);
  });
});
