import { readFile } from 'node:fs/promises';

/** An address of the internet, though one that is for documentation only. */
export const PUBLIC = '198.51.100.7';
/** Addresses that are not of the internet, and answer all the same. */
export const PRIVATE = ['169.254.169.254', '192.168.7.7', '10.9.9.9'] as const;
export const PORT = 8080;

/** Where names are looked up by whoever has the settings of this machine; its last is what Docker takes where that has none. */
async function resolvers(): Promise<string[]> {
  const text = await readFile('/etc/resolv.conf', 'utf8');
  const named = [...text.matchAll(/^nameserver\s+(\d+\.\d+\.\d+\.\d+)/gm)].map(([, address = '']) => address);
  return [...named.filter((address) => !address.startsWith('127.')), '8.8.8.8'];
}

/** All addresses that are to be given to whoever runs the program. */
export const pretendAddresses = async (): Promise<string[]> => [
  ...new Set([PUBLIC, ...PRIVATE, ...(await resolvers())]),
];

/**
 * A program that answers on that port of whatever addresses its network namespace has, and on those that it is told says
 * of every name that it is at PUBLIC, once it has them. It prints a line when it listens.
 */
export const PRETEND_INTERNET = `
const { createSocket } = require('node:dgram');
const found = Buffer.from('${PUBLIC}'.split('.').map(Number));
const answer = (asked) => {
  let end = 12;
  while (asked[end] !== 0) end += asked[end] + 1;
  const question = asked.subarray(12, end + 5);
  const isAddress = question.readUInt16BE(question.length - 4) === 1;
  const header = Buffer.from([asked[0], asked[1], 0x81, 0x80, 0, 1, 0, isAddress ? 1 : 0, 0, 0, 0, 0]);
  const record = Buffer.concat([Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]), found]);
  return Buffer.concat([header, question, ...(isAddress ? [record] : [])]);
};
// Of a socket for all addresses, answers would come from another than was asked.
const lookUpAt = (address) => {
  const socket = createSocket('udp4');
  socket.on('message', (asked, from) => socket.send(answer(asked), from.port, from.address));
  socket.on('error', () => setTimeout(lookUpAt, 100, address));
  socket.bind(53, address);
};
process.argv.slice(1).forEach(lookUpAt);
const server = require('node:net').createServer((socket) => {
  socket.on('error', () => undefined);
  socket.end('here');
});
server.listen(${PORT}, '0.0.0.0', () => console.log('listening'));
`;
