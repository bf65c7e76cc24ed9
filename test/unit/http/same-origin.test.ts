import { describe, expect, it } from 'vitest';
import { isOwnHost, isSameOrigin } from '../../../server/http/same-origin.ts';

describe('a request', () => {
  it.each([
    ['from a page of this server', { origin: 'http://lab.example:8080', host: 'lab.example:8080' }],
    ['from a page behind TLS that ends elsewhere', { origin: 'https://lab.example', host: 'lab.example' }],
    ['that spells out the default port', { origin: 'http://lab.example', host: 'lab.example:80' }],
    ['to an IPv6 address', { origin: 'http://[::1]:8080', host: '[::1]:8080' }],
    ['from no page at all', { host: 'lab.example' }],
    ['that a person made by typing the address', { host: 'lab.example', 'sec-fetch-site': 'none' }],
  ])('%s is of the same origin', (_what, headers) => {
    expect(isSameOrigin(headers)).toBe(true);
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
    expect(isSameOrigin(headers)).toBe(false);
  });
});

describe('a host name', () => {
  it.each(['127.0.0.1:7300', 'localhost:7300', '[::1]:7300', 'localhost'])(
    '%s is of this machine',
    (host) => {
      expect(isOwnHost({ host })).toBe(true);
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
    expect(isOwnHost(host === undefined ? {} : { host })).toBe(false);
  });
});
