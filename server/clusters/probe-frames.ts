/** What a connection leads to, as the probe sees it. */
export type ProbeTarget = { socket: string } | { address: string; port: number };

/**
 * What goes between the server and a probe (`images/probe/drydock-probe.c`), each way: a letter, the connection's number
 * and the length of what follows in four bytes each, and that. Numbers are big-endian.
 */
export type ProbeFrame = { connection: number } & (
  | { type: 'open' | 'end' }
  | { type: 'data'; bytes: Buffer }
  /** So many bytes have been taken. */
  | { type: 'taken'; count: number }
  /** It has gone, and why where it broke or was never made. */
  | { type: 'closed'; reason: string }
);

/** Bytes that may be sent ahead of what the other side has taken. */
export const PROBE_WINDOW = 64 * 1024;
/** The longest that may follow a header. */
export const PROBE_PIECE = 16 * 1024;

const HEADER = 9;
const NOTHING = Buffer.alloc(0);

export const openFrame = (connection: number, target: ProbeTarget): Buffer => {
  if ('socket' in target) return frame('U', connection, Buffer.from(target.socket));
  const body = Buffer.alloc(6);
  for (const [index, part] of target.address.split('.').entries()) body.writeUInt8(Number(part), index);
  body.writeUInt16BE(target.port, 4);
  return frame('T', connection, body);
};

export const dataFrame = (connection: number, bytes: Uint8Array): Buffer => frame('D', connection, bytes);

export const endFrame = (connection: number): Buffer => frame('E', connection, NOTHING);

export const closeFrame = (connection: number): Buffer => frame('C', connection, NOTHING);

export const takenFrame = (connection: number, count: number): Buffer => {
  const body = Buffer.alloc(4);
  body.writeUInt32BE(count);
  return frame('W', connection, body);
};

function frame(kind: string, connection: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER);
  header.write(kind, 'latin1');
  header.writeUInt32BE(connection, 1);
  header.writeUInt32BE(body.byteLength, 5);
  return Buffer.concat([header, body]);
}

/**
 * The frames that a probe sends, however they are cut on their way. What is no frame, such as an engine's word that it
 * could not start the probe's program, is thrown as an error with its text.
 */
export async function* probeFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<ProbeFrame, void, void> {
  let rest: Buffer = NOTHING;
  for await (const chunk of chunks) {
    rest = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.byteLength >= HEADER) {
      const length = rest.readUInt32BE(5);
      if (length > PROBE_PIECE) throw notAFrame(rest);
      if (rest.byteLength < HEADER + length) break;
      yield parse(rest, rest.subarray(HEADER, HEADER + length));
      rest = rest.subarray(HEADER + length);
    }
  }
  if (rest.byteLength > 0) throw notAFrame(rest);
}

function parse(start: Buffer, body: Buffer): ProbeFrame {
  const connection = start.readUInt32BE(1);
  switch (start.toString('latin1', 0, 1)) {
    case 'O':
      return { connection, type: 'open' };
    case 'D':
      return { connection, type: 'data', bytes: body };
    case 'E':
      return { connection, type: 'end' };
    case 'W':
      return { connection, type: 'taken', count: body.readUInt32BE() };
    case 'C':
      return { connection, type: 'closed', reason: body.toString() };
    default:
      throw notAFrame(start);
  }
}

const notAFrame = (bytes: Buffer) =>
  new Error(`What came from a probe is not what it says: ${bytes.toString('utf8', 0, 300).trim()}`);
