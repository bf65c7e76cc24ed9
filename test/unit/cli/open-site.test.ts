import { readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Certificate } from '../../../server/access/certificate.ts';
import type { SiteSettings } from '../../../server/access/exposure.ts';
import { openSite } from '../../../server/cli/open-site.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { ownCertificate } from '../../support/own-certificate.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const LOCAL: SiteSettings = {
  host: '127.0.0.1',
  url: null,
  accessCode: null,
  operatorToken: null,
  tls: null,
};
const MINUTE = 60_000;

describe('a site', () => {
  it('that only this machine reaches has no code, but a token', async () => {
    await using cache = await temporaryFolder();
    await using site = await openSite(cache.path, LOCAL, pino({ level: 'silent' }));
    expect(site.words('http://127.0.0.1:7300')).toEqual([]);
    expect(site.access.door.admits(undefined)).toBe(true);
    const token = (await readFile(join(cache.path, 'operator-token'), 'utf8')).trim();
    expect(site.access.isOperator({ authorization: `Bearer ${token}` })).toBe(true);
    for (const authorization of [token, 'Bearer ', `bearer ${token}`, `Bearer ${token} `, undefined]) {
      expect(site.access.isOperator(authorization === undefined ? {} : { authorization })).toBe(false);
    }
  });

  it('knows its learners again when it is opened anew', async () => {
    await using cache = await temporaryFolder();
    const open = () => openSite(cache.path, LOCAL, pino({ level: 'silent' }));
    let cookie: string;
    let owner: string;
    {
      await using site = await open();
      const made = site.access.owners.create();
      owner = made.visitor.owner;
      cookie = site.access.owners.signOutOthers(owner).split(';', 1)[0] ?? '';
    }
    await using again = await open();
    expect(again.access.owners.read(cookie)).toEqual({ owner, generation: 1 });
  });
});

describe('a certificate that is renewed', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => void vi.useRealTimers());

  /** A site that watches its certificate, and what it was told of new ones. */
  async function watching() {
    await using owned = new AsyncDisposableStack();
    const folder = owned.use(await temporaryFolder());
    const log = new MemoryLog();
    let writes = 0;
    const put = async ({ cert, key }: Certificate) => {
      for (const [name, text] of [
        ['cert.pem', cert],
        ['key.pem', key],
      ] as const) {
        // As if it had been written some time later than the one before.
        const at = new Date(Date.now() + ++writes * 1000);
        await utimes(await folder.write(name, text), at, at);
      }
    };
    await put(await ownCertificate());
    const tls = { cert: join(folder.path, 'cert.pem'), key: join(folder.path, 'key.pem') };
    const site = owned.use(await openSite(folder.path, { ...LOCAL, tls }, pino({}, log)));
    const renewed: Certificate[] = [];
    site.watchCertificate((certificate) => renewed.push(certificate));
    const held = owned.move();
    return { put, log, renewed, tls, [Symbol.asyncDispose]: () => held.disposeAsync() };
  }

  it('is used within a minute', async () => {
    await using here = await watching();
    // What was there at first has to have been looked at.
    await stat(here.tls.cert);
    const next = await ownCertificate();
    await here.put(next);
    vi.advanceTimersByTime(MINUTE);
    await here.log.until('certificate read again');
    expect(here.renewed).toEqual([next]);
  });

  it('is not used where it is of no use, which is logged, and the next one is', async () => {
    await using here = await watching();
    const [next, other] = [await ownCertificate(), await ownCertificate()];
    await here.put({ cert: next.cert, key: other.key });
    vi.advanceTimersByTime(MINUTE);
    await here.log.until('is of no use; the one before is kept');
    expect(here.renewed).toEqual([]);
    await here.put(next);
    vi.advanceTimersByTime(MINUTE);
    await here.log.until('certificate read again');
    expect(here.renewed).toEqual([next]);
  });
});
