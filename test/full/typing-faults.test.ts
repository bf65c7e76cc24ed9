import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { MAX_INPUT_BYTES, MAX_PASTE_BYTES } from '../../server/protocol/index.ts';
import { cutLine } from '../support/cut-line.ts';
import { ends, startDesk } from '../support/desk.ts';
import type { LabClient } from '../support/lab-client.ts';

const MINUTE = 60_000;

/** As a page sends it. */
function paste(client: LabClient, text: string): void {
  const data = Buffer.from(text);
  for (let start = 0; start < data.byteLength; start += MAX_INPUT_BYTES) {
    client.emit('terminal:input', { id: 'host01', data: data.subarray(start, start + MAX_INPUT_BYTES) });
  }
}

describe('what is typed', () => {
  test(
    'is shown whole by a page whose line is cut at every byte, in characters and escape sequences, too',
    async () => {
      await using lab = await startDesk();
      await using line = await cutLine(lab.url);
      using cut = await lab.other(line.url);
      lab.learner.type('host01', `stty raw -echo; printf '<''>'; cat\r`);
      await ends(cut, '<>');
      const begin = cut.screen('host01').drawn;
      const bytes = Buffer.from('集\u001b[1;31m群\u001b]0;title\u0007🐳\u001b[0m');
      for (const [index, byte] of bytes.entries()) {
        lab.learner.emit('terminal:input', { id: 'host01', data: Buffer.of(byte) });
        await cut.untilScreen('host01', ({ drawn }) => drawn === begin + index + 1);
        line.cut();
        await cut.untilDisconnected();
        cut.disconnects = [];
        line.mend();
        await cut.connect();
        cut.attach('host01');
      }
      expect(cut.screen('host01').bytes.subarray(begin).equals(bytes)).toBe(true);
    },
    MINUTE,
  );

  test(
    'arrives whole where it is a megabyte that is pasted, and what is typed behind it comes after it',
    async () => {
      await using lab = await startDesk();
      const line = '0123456789 行\n';
      const pasted = line.repeat(Math.floor(MAX_PASTE_BYTES / Buffer.byteLength(line)));
      lab.learner.type('host01', 'stty -echo; cat > pasted\r');
      await lab.learner.untilScreen('host01', ({ text }) => text.includes('cat > pasted\r\n'));
      paste(lab.learner, pasted);
      paste(lab.learner, pasted);
      lab.learner.type('host01', '\u0004');
      await ends(lab.learner, 'pasted\r\nready$ ');
      const kept = await readFile(`${lab.home}/pasted`, 'utf8');
      expect(kept === pasted + pasted).toBe(true);
      expect(lab.learner.disconnects).toEqual([]);
    },
    MINUTE,
  );

  test(
    'faster than a program reads it ends nothing: what the program did not take is lost, and Ctrl-C gets through',
    async () => {
      await using lab = await startDesk();
      lab.learner.type('host01', 'sleep 1000\r');
      await lab.learner.untilScreen('host01', ({ text }) => text.includes('sleep 1000\r\n'));
      paste(lab.learner, 'x'.repeat(MAX_PASTE_BYTES));
      lab.learner.type('host01', '\u0003');
      await ends(lab.learner, 'ready$ ');
      lab.learner.type('host01', 'echo $((40 + 2))\r');
      await ends(lab.learner, '\r\n42\r\nready$ ');
      expect(lab.learner.disconnects).toEqual([]);
    },
    MINUTE,
  );
});
