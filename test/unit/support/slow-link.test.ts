import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { listen } from '../../support/listen.ts';
import { slowLink } from '../../support/slow-link.ts';

test('a slow link hands on many small pieces in their order, both ways', async () => {
  const server = createServer({ noDelay: true }, (end) => end.pipe(end));
  await using listening = await listen(server);
  await using link = await slowLink(`http://127.0.0.1:${listening.port}`, {
    delay: 5,
    bytesPerSecond: 2_000_000,
  });
  const end = connect({ port: Number(new URL(link.url).port), noDelay: true });
  await once(end, 'connect');
  const pieces = Array.from({ length: 3000 }, (_, at) => `${at}\n`);
  const sent = pieces.join('');
  let received = '';
  const all = new Promise<void>((resolve) => {
    end.on('data', (data: Buffer) => {
      received += data.toString();
      if (received.length === sent.length) resolve();
    });
  });
  for (const piece of pieces) {
    end.write(piece);
    await turn();
  }
  await all;
  end.destroy();
  expect(received).toBe(sent);
});
