import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClientMessages, RunId } from '../../server/protocol/index.ts';
import { startTestApp } from '../support/test-app.ts';

/** What may be typed at once by all of an owner's pages, in pieces of so many bytes. */
const AT_ONCE = { pieces: 16, bytes: 64 * 1024 } as const;

/** A page that shows a lab with both its terminals, and another of the same learner which has it reset. */
async function twoPages() {
  const app = await startTestApp();
  const page = app.client();
  const { run: before } = await page.start();
  for (const host of ['host01', 'host02']) page.attach(host);
  const other = app.client();
  other.cookie = page.cookie;
  await other.connect();
  const reset = async (): Promise<RunId> => {
    const { body } = await other.reset(false);
    await other.untilSession(({ run, status }) => run === body.run && status === 'ready');
    return body.run;
  };
  /** What has come to the shells of the hosts as they are now, and of which sizes these are. */
  const shells = () =>
    ['host01', 'host02']
      .flatMap((host) => app.provisioner.cluster.host(host).ptys)
      .map(({ typed, sizes }) => ({ typed, sizes }));
  const dispose = async () => {
    page.disconnect();
    other.disconnect();
    await app[Symbol.asyncDispose]();
  };
  return { page, other, before, reset, shells, [Symbol.asyncDispose]: dispose };
}

const untouched = { typed: '', sizes: [{ columns: 80, rows: 24 }] };

describe('a page that shows a run which has given way to another', () => {
  it('is told so, and reaches nothing of the other run, while it is connected', async () => {
    await using lab = await twoPages();
    const { page, other, before } = lab;
    const after = await lab.reset();
    expect(await other.openTerminal('host01')).toEqual({ terminal: 'host01-2' });
    for (const id of ['host01', 'host01-2', 'host02']) page.type(id, 'rm -rf /\r');
    page.emit('terminal:resize', { id: 'host01', columns: 20, rows: 10 });
    page.emit('terminal:ack', { id: 'host01', through: 0 });
    page.closeTerminal('host01-2', before);
    expect(await page.runBlock('first', 'b1', before)).toMatchObject({ error: 'run_outdated' });
    expect(await page.openTerminal('host02', before)).toMatchObject({ error: 'run_outdated' });
    expect(lab.shells()).toEqual([untouched, untouched, untouched]);
    expect(page.session).toMatchObject({
      run: after,
      terminals: [{ id: 'host01' }, { id: 'host01-2' }, { id: 'host02' }],
    });
    page.screens.clear();
    page.attach('host01');
    page.type('host01', 'hostname\r');
    await page.untilScreen('host01', ({ text }) => text.includes('host01\r\n$ '));
  });

  it('is told so as it comes back, and reaches nothing of the other run by what it sends before it has read that', async () => {
    await using lab = await twoPages();
    const { page, before } = lab;
    page.disconnect();
    const after = await lab.reset();
    await page.connect();
    for (const host of ['host01', 'host02']) {
      page.attach(host, before);
      page.emit('terminal:resize', { id: host, columns: 20, rows: 10 });
      page.type(host, 'rm -rf /\r');
    }
    expect(await page.runBlock('first', 'b1', before)).toMatchObject({ error: 'run_outdated' });
    expect(page.session?.run).toBe(after);
    expect(lab.shells()).toEqual([untouched, untouched]);
  });

  it('has nothing typed there that it had typed before faster than it is let through', async () => {
    await using lab = await twoPages();
    const { page } = lab;
    page.acks = false;
    for (let piece = 0; piece <= AT_ONCE.pieces; piece++) page.type('host01', 'x'.repeat(AT_ONCE.bytes));
    page.type('host01', 'rm -rf /\r');
    // Answered after all of it has come in.
    expect(await page.runBlock('first', 'b7')).toMatchObject({ error: 'block_not_found' });
    await lab.reset();
    page.screens.clear();
    page.acks = true;
    page.attach('host01');
    // Let through after what waits.
    page.type('host01', 'hostname\r');
    await page.untilScreen('host01', ({ text }) => text.includes('host01\r\n$ '));
    expect(lab.shells()[0]?.typed).toBe('hostname\r');
  });

  it('reaches nothing of the other run by any message that there is', { timeout: 60_000 }, async () => {
    await using lab = await twoPages();
    const { page, before } = lab;
    const after = await lab.reset();
    const run = fc.oneof(fc.constant(before), fc.uuid());
    const id = fc.constantFrom('host01', 'host02', 'host01-2');
    const host = fc.constantFrom('host01', 'host02');
    const offset = fc.nat();
    const messages: { [name in keyof ClientMessages]: fc.Arbitrary<ClientMessages[name]> } = {
      'terminal:attach': fc.record({ run, id, since: offset }),
      'terminal:detach': fc.record({ id }),
      'terminal:input': fc.record({
        id,
        data: fc.uint8Array({ minLength: 1, maxLength: 40 }).map((keys) => Buffer.from(keys)),
      }),
      'terminal:resize': fc.record({
        id,
        columns: fc.integer({ min: 2, max: 500 }),
        rows: fc.integer({ min: 2, max: 300 }),
      }),
      'terminal:ack': fc.record({ id, through: offset }),
      'terminal:open': fc.record({ run, host }),
      'terminal:close': fc.record({ run, id }),
      'block:run': fc.record({ run, step: fc.constant('first'), block: fc.constantFrom('b1', 'b2') }),
    };
    const sent = fc.oneof(
      ...Object.entries(messages).map(([name, message]) => fc.tuple(fc.constant(name), message)),
    );
    await fc.assert(
      fc.asyncProperty(sent, async ([name, message]) => page.emitRaw(name, message)),
      // No more than may be asked for at once.
      { numRuns: 150 },
    );
    expect(await page.runBlock('first', 'b1', before)).toMatchObject({ error: 'run_outdated' });
    expect(lab.shells()).toEqual([untouched, untouched]);
    expect(page.session).toMatchObject({ run: after, terminals: [{ id: 'host01' }, { id: 'host02' }] });
    expect(page.screen('host01').text + page.screen('host02').text).toBe('');
  });
});
