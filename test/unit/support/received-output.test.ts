import { EventEmitter } from 'node:events';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { PacketType } from 'socket.io-parser';
import { terminalParser } from '../../../server/protocol/terminal-packets.ts';
import { countPrompts, ReceivedOutput } from '../../support/received-output.ts';

/** As a lab's host draws it. */
const PROMPT = '\x1b[?2004h\x1b[1;36mhost01\x1b[0m:\x1b[2m~\x1b[0m# ';
const ENTER = '\r\n\x1b[?2004l\r';

describe('the prompts in a terminal’s output', () => {
  it('are as many as the commands that have ended, and the first', () => {
    expect(countPrompts('')).toBe(0);
    expect(countPrompts(PROMPT)).toBe(1);
    expect(countPrompts(`${PROMPT}true${ENTER}`)).toBe(1);
    expect(countPrompts(`${PROMPT}true${ENTER}${PROMPT}`)).toBe(2);
    expect(countPrompts(`${PROMPT}sleep 1${ENTER}echo 2\r\n${PROMPT}echo 2${ENTER}2\r\n`)).toBe(2);
    expect(countPrompts(`${PROMPT}sleep 1${ENTER}echo 2\r\n${PROMPT}echo 2${ENTER}2\r\n${PROMPT}`)).toBe(3);
  });

  it('are not one more where the line editor draws one anew, for a new size of the terminal', () => {
    expect(countPrompts(`${PROMPT}echo\r\x1b[K${PROMPT}echo`)).toBe(1);
  });

  it('are seen behind the progress that a program has shown on the same line', () => {
    const progress = '\x1b[1A\x1b[2K\rverify: Waiting 1 seconds \r\x1b[1B\x1b[1A\x1b[2K\rconverged \r\x1b[1B';
    expect(countPrompts(`${PROMPT}docker service create${ENTER}${progress}${PROMPT}`)).toBe(2);
  });

  it('are not the names of hosts in what is printed', () => {
    expect(countPrompts('<h1>host01: # </h1>\r\nhost01\r\nssh host01:~# \r\n')).toBe(0);
  });
});

/** A page that receives what a test hands it. */
function fakePage() {
  const page = new EventEmitter();
  const socket = new EventEmitter();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only its events are asked for
  const received = new ReceivedOutput(page as unknown as Page);
  page.emit('websocket', socket);
  const output = (id: string, from: number, text: string) => {
    const data = ['terminal:output', { id, from, data: Buffer.from(text) }];
    const [frame] = new terminalParser.Encoder().encode({ type: PacketType.EVENT, nsp: '/', data });
    socket.emit('framereceived', { payload: frame });
  };
  return { received, socket, output };
}

describe('what a page has received', () => {
  it('is each terminal’s output, in bytes', () => {
    const { received, socket, output } = fakePage();
    output('host01', 0, '行 one');
    socket.emit('framereceived', { payload: '2' });
    socket.emit('framereceived', { payload: '42["session",null]' });
    output('host02', 0, 'other');
    output('host01', '行 one'.length + 2, ', two');
    expect([received.text('host01'), received.text('host02')]).toEqual(['行 one, two', 'other']);
    expect(received.text('host03')).toBe('');
  });

  it('holds nothing twice that is sent again to a page that comes back', () => {
    const { received, output } = fakePage();
    output('host01', 0, 'abcdef');
    output('host01', 3, 'defghi');
    expect(received.text('host01')).toBe('abcdefghi');
  });
});
