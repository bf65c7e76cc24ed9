/**
 * Splits what the Docker API sends for a container without a terminal: frames of eight bytes of header
 * (1 is stdout, 2 is stderr; the length in the last four, big-endian) and their data. With a terminal there are
 * no frames, and all of it is stdout. A frame that was cut gives what there is of it.
 */
export function splitOutput(bytes: Buffer): { stdout: string; stderr: string } {
  const streams: { 1: Buffer[]; 2: Buffer[] } = { 1: [], 2: [] };
  for (let at = 0; at + 8 <= bytes.length;) {
    const kind = bytes[at];
    const framed = (kind === 1 || kind === 2) && bytes.readUIntBE(at + 1, 3) === 0;
    if (!framed) return { stdout: bytes.toString('utf8'), stderr: '' };
    const end = at + 8 + bytes.readUInt32BE(at + 4);
    streams[kind].push(bytes.subarray(at + 8, end));
    at = end;
  }
  return {
    stdout: Buffer.concat(streams[1]).toString('utf8'),
    stderr: Buffer.concat(streams[2]).toString('utf8'),
  };
}
