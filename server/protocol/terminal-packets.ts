import { Decoder, Encoder, PacketType, type Packet } from 'socket.io-parser';

class TerminalEncoder extends Encoder {
  override encode(packet: Packet): unknown[] {
    const frame = frameOf(packet);
    return frame === null ? super.encode(packet) : [frame];
  }
}

class TerminalDecoder extends Decoder {
  /** Binary frames to come that belong to a text before them. */
  #attachments = 0;

  override add(received: unknown): void {
    if (typeof received === 'string') {
      super.add(received);
      this.#attachments = Number(/^[56](\d+)-/.exec(received)?.[1] ?? 0);
    } else if (this.#attachments > 0) {
      this.#attachments -= 1;
      super.add(received);
    } else {
      this.emitReserved('decoded', packetOf(bytesOf(received)));
    }
  }
}

/**
 * How what goes through terminals is sent: a key or a piece of output in one binary frame, where socket.io's own way takes
 * two, of which one is text to be parsed. A frame has a letter for its message, the length of the terminal's id and the id,
 * for output the number of its first byte, and then the bytes. All else is sent in socket.io's way.
 */
export const terminalParser: { Encoder: new () => Encoder; Decoder: new () => Decoder } = {
  Encoder: TerminalEncoder,
  Decoder: TerminalDecoder,
};

const LETTERS = { 'terminal:input': 'I', 'terminal:output': 'O' } as const;
const MOST_ID = 255;
/** Of the number of the first byte: a double, which has every whole number that JavaScript has. */
const NUMBER = 8;

type Parts = { name: keyof typeof LETTERS; id: string; from: number | null; data: Uint8Array };

function frameOf({ type, nsp, id: wanted, data }: Packet): Uint8Array | null {
  const parts = type === PacketType.EVENT && nsp === '/' && wanted === undefined ? partsOf(data) : null;
  if (parts === null) return null;
  const { name, id, from, data: bytes } = parts;
  const header = 2 + id.length + (from === null ? 0 : NUMBER);
  const frame = new Uint8Array(header + bytes.byteLength);
  frame[0] = LETTERS[name].charCodeAt(0);
  frame[1] = id.length;
  for (let at = 0; at < id.length; at++) frame[2 + at] = id.charCodeAt(at);
  if (from !== null) viewOf(frame).setFloat64(2 + id.length, from);
  frame.set(bytes, header);
  return frame;
}

/** Null for what is another message, or is not as it should be: that is told in socket.io's way. */
function partsOf(event: unknown): Parts | null {
  if (!Array.isArray(event) || event.length !== 2) return null;
  const [name, message]: unknown[] = event;
  if (name !== 'terminal:input' && name !== 'terminal:output') return null;
  if (typeof message !== 'object' || message === null) return null;
  const { id, data, from = null, ...others }: Record<string, unknown> = { ...message };
  const isWhole = typeof id === 'string' && ID.test(id) && data instanceof Uint8Array;
  const isNumbered = name === 'terminal:output' ? typeof from === 'number' : from === null;
  if (!isWhole || !isNumbered || Object.keys(others).length > 0) return null;
  return { name, id, from: typeof from === 'number' ? from : null, data };
}

const ID = new RegExp(`^[\\x20-\\x7e]{1,${MOST_ID}}$`);

/** Throws where it is no frame, at which socket.io ends the connection. */
function packetOf(frame: Uint8Array): Packet {
  const letter = String.fromCharCode(frame[0] ?? 0);
  const length = frame[1] ?? 0;
  const isOutput = letter === LETTERS['terminal:output'];
  const header = 2 + length + (isOutput ? NUMBER : 0);
  if ((!isOutput && letter !== LETTERS['terminal:input']) || frame.byteLength < header) {
    throw new Error('What was received is no frame of a terminal.');
  }
  const id = String.fromCharCode(...frame.subarray(2, 2 + length));
  const data = frame.subarray(header);
  const message = isOutput ? { id, from: viewOf(frame).getFloat64(2 + length), data } : { id, data };
  const name = isOutput ? 'terminal:output' : 'terminal:input';
  return { type: PacketType.EVENT, nsp: '/', data: [name, message] };
}

/** As a browser has it, or Node.js. */
function bytesOf(received: unknown): Uint8Array {
  if (received instanceof Uint8Array) return received;
  if (received instanceof ArrayBuffer) return new Uint8Array(received);
  throw new Error('What was received is neither text nor bytes.');
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);
