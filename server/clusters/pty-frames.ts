/**
 * What goes between the server and a pty holder (`images/lab-host/drydock-pty.c`), each way: a letter, the length
 * of what follows in four bytes, and that. Numbers are big-endian.
 */
export type HolderFrame =
  /** The number of the first byte to come, and how many have been printed so far. */
  | { type: 'from'; from: number; printed: number }
  | { type: 'output'; bytes: Uint8Array }
  /** The shell has ended, and all that it printed has been sent. */
  | { type: 'exit'; code: number }
  /** There is no holder with this id (any more). */
  | { type: 'none' }
  /** None could be started, and why. */
  | { type: 'error'; reason: string };

const HEADER = 5;
/** The longest that a holder sends has 32 KiB. */
const LONGEST = 64 * 1024;
/** Bytes that a shell may have printed: more than any will. */
const MOST_PRINTED = 2 ** 50;
/** The longest that it takes has 16 KiB. */
const INPUT_PIECE = 16 * 1024;

/** Asks for output from byte `since`, never more than `window` bytes ahead of what was said to be taken. */
export const attachFrame = (since: number, window: number): Buffer => {
  const body = Buffer.alloc(12);
  body.writeBigUInt64BE(BigInt(since));
  body.writeUInt32BE(window, 8);
  return frame('A', body);
};

/** Everything before byte `through` has been taken. */
export const takenFrame = (through: number): Buffer => {
  const body = Buffer.alloc(8);
  body.writeBigUInt64BE(BigInt(through));
  return frame('T', body);
};

export const inputFrames = (data: Uint8Array): Buffer => {
  const frames: Buffer[] = [];
  for (let at = 0; at < data.byteLength; at += INPUT_PIECE) {
    frames.push(frame('I', data.subarray(at, at + INPUT_PIECE)));
  }
  return Buffer.concat(frames);
};

export const resizeFrame = ({ columns, rows }: { columns: number; rows: number }): Buffer => {
  const body = Buffer.alloc(4);
  body.writeUInt16BE(columns);
  body.writeUInt16BE(rows, 2);
  return frame('R', body);
};

/** Ends the shell, and the holder once it has told so; also the answer to `exit`. */
export const hangUpFrame = (): Buffer => frame('H', new Uint8Array());

function frame(kind: string, body: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER);
  header.write(kind, 'latin1');
  header.writeUInt32BE(body.byteLength, 1);
  return Buffer.concat([header, body]);
}

/**
 * The frames that a holder sends, however they are cut on their way. What is no frame, such as an engine's word
 * that it could not start the command, is thrown as an error with its text.
 */
export async function* holderFrames(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<HolderFrame, void, void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.byteLength === 0 ? viewOf(chunk) : Buffer.concat([rest, chunk]);
    while (rest.byteLength >= HEADER) {
      const length = rest.readUInt32BE(1);
      if (length > LONGEST) throw notAFrame(rest);
      if (rest.byteLength < HEADER + length) break;
      yield parse(rest, rest.subarray(HEADER, HEADER + length));
      rest = rest.subarray(HEADER + length);
    }
  }
  if (rest.byteLength > 0) throw notAFrame(rest);
}

function parse(start: Buffer, body: Buffer): HolderFrame {
  switch (start.toString('latin1', 0, 1)) {
    case 'F':
      return { type: 'from', ...numbersOf(start, body) };
    case 'O':
      return { type: 'output', bytes: body };
    case 'X':
      return { type: 'exit', code: body.readUInt32BE() };
    case 'N':
      return { type: 'none' };
    case 'E':
      return { type: 'error', reason: body.toString() };
    default:
      throw notAFrame(start);
  }
}

/** Holders of before the second number was sent go on with their labs. */
function numbersOf(start: Buffer, body: Buffer): { from: number; printed: number } {
  if (body.byteLength < 8) throw notAFrame(start);
  const from = Number(body.readBigUInt64BE());
  const printed = body.byteLength < 16 ? from : Number(body.readBigUInt64BE(8));
  // Where numbers do not tell bytes apart, output would be given without end.
  if (from > printed || printed > MOST_PRINTED) throw notAFrame(start);
  return { from, printed };
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  Buffer.from(buffer, byteOffset, byteLength);

const notAFrame = (bytes: Buffer) =>
  new Error(
    `What came from a shell's host is not what its pty holder says: ${bytes.toString('utf8', 0, 300)}`,
  );
