import { describe, expect, it } from 'vitest';
import { OwnNames } from '../../../server/access/own-names.ts';

const local = new OwnNames({ url: null, exposed: false });
const exposed = new OwnNames({ url: null, exposed: true });
const named = new OwnNames({ url: new URL('https://labs.example'), exposed: true });

describe('a request', () => {
  it.each([
    ['from a page of this server', { origin: 'http://lab.example:8080', host: 'lab.example:8080' }],
    ['from a page behind TLS that ends elsewhere', { origin: 'https://lab.example', host: 'lab.example' }],
    ['that spells out the default port', { origin: 'http://lab.example', host: 'lab.example:80' }],
    ['to an IPv6 address', { origin: 'http://[::1]:8080', host: '[::1]:8080' }],
    ['from no page at all', { host: 'lab.example' }],
    ['that a person made by typing the address', { host: 'lab.example', 'sec-fetch-site': 'none' }],
  ])('%s is of the same origin', (_what, headers) => {
    expect(local.isSameOrigin(headers)).toBe(true);
  });

  it.each([
    ['from another site', { origin: 'http://evil.example', host: 'lab.example' }],
    ['from another port of this machine', { origin: 'http://localhost:3000', host: 'localhost:8080' }],
    [
      'from a name that only begins alike',
      { origin: 'http://lab.example.evil.example', host: 'lab.example' },
    ],
    ['from a sandboxed frame', { origin: 'null', host: 'lab.example' }],
    ['with an origin that is none', { origin: 'lab.example', host: 'lab.example' }],
    ['without a host', { origin: 'http://lab.example' }],
    [
      'without an origin that its browser calls foreign',
      { host: 'lab.example', 'sec-fetch-site': 'cross-site' },
    ],
    ['of a neighbouring subdomain', { host: 'lab.example', 'sec-fetch-site': 'same-site' }],
  ])('%s is foreign', (_what, headers) => {
    expect(local.isSameOrigin(headers)).toBe(false);
  });
});

describe('a host name', () => {
  it.each(['127.0.0.1:7300', 'localhost:7300', '[::1]:7300', 'localhost'])(
    '%s is of this machine',
    (host) => {
      expect(local.isOwnHost({ host })).toBe(true);
    },
  );

  it.each([
    'evil.example:7300',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '192.0.2.1',
    '',
    undefined,
  ])('%s is of somebody else', (host) => {
    expect(local.isOwnHost(host === undefined ? {} : { host })).toBe(false);
  });
});

describe('a server that other machines reach', () => {
  it.each(['192.0.2.1:7300', '[2001:db8::1]:7300', '127.0.0.1', 'localhost:7300'])(
    'is asked for by its address: %s',
    (host) => expect(exposed.isOwnHost({ host })).toBe(true),
  );

  it.each(['evil.example', '192.0.2.1.evil.example', '192.0.2.1@evil.example', '', undefined])(
    'is not known by a name that anybody could point at it: %s',
    (host) => expect(exposed.isOwnHost(host === undefined ? {} : { host })).toBe(false),
  );
});

describe('a server that was told its address', () => {
  it('answers to that and to this machine, and to no other', () => {
    const hosts = ['labs.example', 'labs.example:443', 'localhost:7300', '192.0.2.1', 'other.example'];
    expect(hosts.map((host) => named.isOwnHost({ host }))).toEqual([true, true, true, false, false]);
  });

  it.each([
    ['https://labs.example', true],
    ['http://labs.example', false],
    ['https://labs.example:8443', false],
    ['https://a.labs.example', false],
    ['null', false],
  ])('has pages of one origin, whatever name a proxy asks by: %s', (origin, expected) => {
    for (const host of ['labs.example', '127.0.0.1:7300']) {
      expect(named.isSameOrigin({ origin, host })).toBe(expected);
    }
  });

  it('sends who came by a name of the machine there, but no proxy', () => {
    const host = '127.0.0.1:7300';
    expect(named.rightAddress({ host }, '127.0.0.1')).toBe('https://labs.example');
    expect(named.rightAddress({ host, 'x-forwarded-for': '192.0.2.1' }, '127.0.0.1')).toBeNull();
    expect(named.rightAddress({ host: 'labs.example' }, '127.0.0.1')).toBeNull();
  });
});

describe('the address under which a page is visited', () => {
  it.each([
    ['127.0.0.1:7300', '127.0.0.1', null],
    ['localhost:7300', '127.0.0.1', '//127.0.0.1:7300'],
    ['localhost', '127.0.0.1', '//127.0.0.1'],
    ['[::1]:8080', '127.0.0.1', '//127.0.0.1:8080'],
    ['localhost:8080', '::1', '//[::1]:8080'],
    ['[::1]:8080', '::1', null],
    ['localhost:7300', undefined, null],
    ['localhost:7300', '192.168.0.7', null],
    ['localhost:7300', '::ffff:127.0.0.1', null],
    ['192.168.0.7:7300', '192.168.0.7', null],
  ])('%s at a server that listens on %s is %s', (host, address, expected) => {
    expect(local.rightAddress({ host }, address)).toBe(expected);
  });

  it('is told to other machines only where they can use it', () => {
    expect(exposed.publicOrigin({ host: '192.0.2.1:7300' }, false)).toBe('http://192.0.2.1:7300');
    expect(exposed.publicOrigin({ host: '127.0.0.1:7300' }, false)).toBeNull();
    expect(named.publicOrigin({ host: '127.0.0.1:7300' }, true)).toBe('https://labs.example');
  });
});
