import { expect, it } from 'vitest';
import { deskLab } from '../support/scenarios.ts';
import { startTestApp } from '../support/test-app.ts';

const ownHosts = { allowed: ['local'], environment: { PATH: process.env['PATH'], HOME: '/tmp' } } as const;

it('a page that says it has drawn what it has not read is cut off, and another one goes on', async () => {
  await using app = await startTestApp({ scenario: deskLab, ownHosts });
  using honest = app.client();
  await honest.start();
  honest.attach('host01');
  using liar = app.client();
  liar.cookie = honest.cookie;
  await liar.connect();
  liar.attach('host01');
  await liar.untilShell('host01', true);
  liar.stopReading();
  honest.type('host01', `head -c 44000000 /dev/zero | tr '\\0' x; printf 'all %s' 42; read\r`);
  const printed = honest.untilScreen('host01', (screen) => screen.endsWith('all 42'));
  // Fewer than would be a reason of their own.
  const lies = setInterval(
    () => liar.emit('terminal:ack', { id: 'host01', through: Number.MAX_SAFE_INTEGER }),
    1,
  );
  await Promise.race([printed, app.log.until('page cut off')]);
  clearInterval(lies);
  expect(app.log.text).toContain('does not read what it is sent');
  await printed;
  // It may come back as every page does whose connection broke.
  liar.screen('host01').mayMiss = true;
  await liar.connect();
  liar.attach('host01');
  await liar.untilScreen('host01', (screen) => screen.endsWith('all 42'));
});
