import { expect, test } from 'vitest';
import { ownAddress } from '../../../server/http/own-address.ts';

test.each([
  ['127.0.0.1:7300', '127.0.0.1', null],
  ['localhost:7300', '127.0.0.1', '127.0.0.1:7300'],
  ['localhost', '127.0.0.1', '127.0.0.1'],
  ['[::1]:8080', '127.0.0.1', '127.0.0.1:8080'],
  ['localhost:8080', '::1', '[::1]:8080'],
  ['[::1]:8080', '::1', null],
  ['localhost:7300', undefined, null],
  ['localhost:7300', '192.168.0.7', null],
  ['localhost:7300', '::ffff:127.0.0.1', null],
])('%s at a server that listens on %s is to be visited at %s', (host, address, expected) => {
  expect(ownAddress(host, address)).toBe(expected);
});
