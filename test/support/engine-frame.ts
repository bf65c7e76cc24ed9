/** A piece of a command's output as an engine frames it: stream, three zeros, length, bytes. */
export function frame(stream: 'stdout' | 'stderr', data: string | Uint8Array): Buffer {
  const bytes = Buffer.from(data);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream === 'stdout' ? 1 : 2, 0);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}
