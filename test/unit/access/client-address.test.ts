import { describe, expect, it } from 'vitest';
import { clientAddress, isLoopback, type Proxies } from '../../../server/access/client-address.ts';
import { exposureOf, type SiteSettings } from '../../../server/access/exposure.ts';

/** Who is counted, of a request that comes from `remoteAddress` and says that it was forwarded. */
const counted = (remoteAddress: string, forwarded: string | undefined, proxies: Proxies) => {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  // All that is read of a socket.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return clientAddress({ headers, socket: { remoteAddress } as never }, proxies);
};

describe('the address that a request is counted by', () => {
  it.each([
    ['192.0.2.1', undefined, 'none', '192.0.2.1'],
    ['::ffff:192.0.2.1', undefined, 'none', '192.0.2.1'],
    ['127.0.0.1', '192.0.2.9', 'none', '127.0.0.1'],
    ['127.0.0.1', '192.0.2.9', 'loopback', '192.0.2.9'],
    ['192.168.1.2', '192.0.2.9', 'loopback', '192.168.1.2'],
    ['192.168.1.2', '192.0.2.9', 'private', '192.0.2.9'],
    ['192.0.2.1', '192.0.2.9', 'private', '192.0.2.1'],
    ['127.0.0.1', '10.9.9.9, 192.0.2.9', 'loopback', '192.0.2.9'],
    ['127.0.0.1', 'made up, 192.0.2.9, 127.0.0.1', 'loopback', '192.0.2.9'],
    ['127.0.0.1', '<script>', 'loopback', '127.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', undefined, 'none', '2001:db8:1:2::/64'],
    ['2001:db8::6', undefined, 'none', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', undefined, 'none', 'fe80:0:0:0::/64'],
  ] as const)('%s, forwarded for %s with proxies %s: %s', (remote, forwarded, proxies, expected) => {
    expect(counted(remote, forwarded, proxies)).toBe(expected);
  });
});

describe('what others reach', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['192.168.1.2', false],
    ['labs.example', false],
  ])('%s is the loopback: %s', (host, expected) => expect(isLoopback(host)).toBe(expected));

  const settings = (given: Partial<SiteSettings>): SiteSettings => ({
    host: '127.0.0.1',
    url: null,
    accessCode: null,
    operatorToken: null,
    tls: null,
    ...given,
  });
  const tls = { cert: '/cert.pem', key: '/key.pem' };
  const url = new URL('https://labs.example');
  it.each([
    ['nothing', {}, { exposed: false, secure: false, proxies: 'none' }],
    ['a code', { accessCode: 'a code' }, { exposed: true, secure: false, proxies: 'none' }],
    ['all addresses', { host: '0.0.0.0' }, { exposed: true, secure: false, proxies: 'none' }],
    ['a certificate', { host: '0.0.0.0', tls }, { exposed: true, secure: true, proxies: 'none' }],
    ['its own TLS and name', { host: '::', url, tls }, { exposed: true, secure: true, proxies: 'none' }],
    ['a proxy on this machine', { url }, { exposed: true, secure: true, proxies: 'loopback' }],
    ['a proxy elsewhere', { host: '0.0.0.0', url }, { exposed: true, secure: true, proxies: 'private' }],
    [
      'a name, without TLS',
      { host: '0.0.0.0', url: new URL('http://labs.example:7300') },
      { exposed: true, secure: false, proxies: 'loopback' },
    ],
  ])('follows from %s', (_what, given, expected) => {
    expect(exposureOf(settings(given))).toEqual(expected);
  });
});
