import * as fc from 'fast-check';
import { PacketType, type Packet } from 'socket.io-parser';
import { describe, expect, it } from 'vitest';
import { terminalParser } from '../../../server/protocol/terminal-packets.ts';

const id = fc.stringMatching(/^[a-z][a-z0-9-]{0,40}$/);
const bytes = fc.uint8Array({ maxLength: 500 });

/** What arrives of what was sent, as frames that a connection carries. */
function send(data: unknown[], more: Partial<Packet> = {}) {
  const frames = new terminalParser.Encoder().encode({ type: PacketType.EVENT, nsp: '/', data, ...more });
  return { frames, received: receive(frames) };
}

function receive(frames: readonly unknown[]): Packet[] {
  const received: Packet[] = [];
  const decoder = new terminalParser.Decoder();
  decoder.on('decoded', (packet) => received.push(packet));
  for (const frame of frames) decoder.add(frame);
  return received;
}

describe('what goes through a terminal', () => {
  it('arrives as it was sent, in one frame', () => {
    fc.assert(
      fc.property(id, fc.maxSafeNat(), bytes, (terminal, from, data) => {
        for (const event of [
          ['terminal:input', { id: terminal, data }],
          ['terminal:output', { id: terminal, from, data }],
        ]) {
          const { frames, received } = send(event);
          expect(frames).toHaveLength(1);
          expect(received).toEqual([{ type: PacketType.EVENT, nsp: '/', data: event }]);
        }
      }),
    );
  });

  it('is read from what a browser receives, too', () => {
    const event = ['terminal:output', { id: 'host01', from: 7, data: new Uint8Array([1, 2]) }];
    const [frame] = send(event).frames;
    if (!(frame instanceof Uint8Array)) throw new Error('no frame');
    expect(receive([new Uint8Array(frame).buffer])[0]?.data).toEqual(event);
  });

  it('is refused where it is no frame', () => {
    for (const frame of ['', 'X', 'I\u0009host01', 'O\u0001a1234567']) {
      expect(() => receive([Buffer.from(frame, 'latin1')])).toThrow('no frame of a terminal');
    }
    expect(() => receive([{}])).toThrow('neither text nor bytes');
    const whatCame = (frame: Uint8Array): string => {
      try {
        return String(receive([frame])[0]?.data[0]);
      } catch (error) {
        return String(error);
      }
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (frame) => {
        expect(whatCame(frame)).toMatch(/^terminal:(in|out)put$|no frame of a terminal/);
      }),
    );
  });
});

describe('all else', () => {
  it('arrives as socket.io sends it, bytes of other messages too', () => {
    const data = new Uint8Array([1, 2, 3]);
    for (const [event, more] of [
      [['session', { status: 'ready' }]],
      [['terminal:ack', { id: 'host01', through: 1 }]],
      [['terminal:input', { id: 'host01', data }], { id: 3 }],
      [['terminal:input', { id: 'host01', data, more: 1 }]],
      [['terminal:input', { id: 'x'.repeat(300), data }]],
      [['terminal:input', { id: '主机', data }]],
      [['terminal:output', { id: 'host01', data }]],
      [['another', data, { data }]],
    ] as const) {
      const { frames, received } = send([...event], more);
      expect(typeof frames[0]).toBe('string');
      expect(received.map((packet) => packet.data)).toEqual([event]);
    }
  });

  it('may come before, between and behind what goes through a terminal', () => {
    const data = new Uint8Array([4]);
    const events = [
      ['another', data],
      ['terminal:input', { id: 'host01', data }],
      ['session', null],
      ['terminal:input', { id: 'host02', data }],
    ];
    const frames = events.flatMap((event) => send(event).frames);
    expect(receive(frames).map((packet) => packet.data)).toEqual(events);
  });
});
