import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** From whom an X-Forwarded-For is believed. */
export type Proxies = 'none' | 'loopback' | 'private';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const local = new BlockList();
local.addSubnet('127.0.0.0', 8, 'ipv4');
local.addSubnet('10.0.0.0', 8, 'ipv4');
local.addSubnet('172.16.0.0', 12, 'ipv4');
local.addSubnet('192.168.0.0', 16, 'ipv4');
local.addAddress('::1', 'ipv6');
local.addSubnet('fc00::', 7, 'ipv6');

const isIn = (list: BlockList, address: string): boolean =>
  list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');

/** Whether nobody but programs of this machine reaches what listens there. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || (isIP(host) !== 0 && isIn(loopback, host));

/**
 * The address that a request came from, to be counted by: through proxies that are believed, the one that the first of
 * them saw. Of IPv6 it is the network of 64 bits, within which anybody has any number of addresses.
 */
export function clientAddress(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  proxies: Proxies,
): string {
  let address = plain(socket.remoteAddress ?? '');
  const believed = proxies === 'private' ? local : loopback;
  const named = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  for (const before of named.toReversed().map((each) => plain(each.trim()))) {
    if (proxies === 'none' || isIP(before) === 0 || isIP(address) === 0 || !isIn(believed, address)) break;
    address = before;
  }
  return isIPv6(address) ? network(address) : address;
}

const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

function network(address: string): string {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const [before, after] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean));
  const zeros = tail === undefined ? 0 : 8 - (before?.length ?? 0) - (after?.length ?? 0);
  const groups = [...(before ?? []), ...Array.from({ length: zeros }, () => '0'), ...(after ?? [])];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
