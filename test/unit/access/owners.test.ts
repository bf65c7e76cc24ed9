import { describe, expect, it } from 'vitest';
import { openGenerations } from '../../../server/access/generation-store.ts';
import { Owners } from '../../../server/access/owners.ts';
import { Signer } from '../../../server/access/signer.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const owners = (secret = 'a secret', secure = false) =>
  new Owners({ signer: new Signer(secret), generations: openGenerations(':memory:'), secure });

/** What a browser sends back of a Set-Cookie header. */
const sent = (setCookie: string): string => setCookie.split(';', 1)[0] ?? '';

describe('the owner cookie', () => {
  it('names 128 random bits, out of reach of scripts and of other sites', () => {
    const one = owners();
    const { visitor, setCookie } = one.create();
    expect(Buffer.from(visitor.owner, 'base64url')).toHaveLength(16);
    expect(one.create().visitor.owner).not.toBe(visitor.owner);
    const attributes = setCookie.split('; ').slice(1);
    expect(attributes).toEqual(expect.arrayContaining(['HttpOnly', 'SameSite=Lax', 'Path=/']));
    expect(attributes).not.toContain('Secure');
  });

  it('comes by TLS alone where the server is reached by that, and no neighbouring site can set it', () => {
    const { setCookie } = owners('a secret', true).create();
    expect(setCookie).toMatch(/^__Host-drydock_owner_[^;]+;/);
    expect(setCookie.split('; ')).toContain('Secure');
  });

  it('is read back among other cookies, also by a server that was started again', () => {
    const { visitor, setCookie } = owners().create();
    expect(owners().read(`theme=dark; ${sent(setCookie)}; a=b`)).toEqual(visitor);
  });

  it('is another for each server, which leave one another’s alone', () => {
    const [one, other] = [owners('one'), owners('other')];
    const cookies = [one.create(), other.create()].map(({ setCookie }) => sent(setCookie));
    expect(cookies[0]?.split('=')[0]).not.toBe(cookies[1]?.split('=')[0]);
    expect(one.read(cookies.join('; '))).not.toBeNull();
    expect(other.read(cookies.join('; '))).not.toBeNull();
  });

  it('names nobody where it was made up, changed or signed for something else', () => {
    const own = owners();
    const signer = new Signer('a secret');
    const { visitor, setCookie } = own.create();
    const [name = '', value = ''] = sent(setCookie).split('=');
    const text = `${visitor.owner}.${visitor.generation}`;
    const forged = [
      '',
      visitor.owner,
      text,
      `${text}~`,
      `${text}~${'A'.repeat(43)}`,
      value.slice(0, -1),
      `${value}A`,
      value.replace('.0~', '.1~'),
      new Signer('another secret').sign('owner', text),
      signer.sign('access', text),
      signer.sign('owner', 'admin.0'),
      signer.sign('owner', `${visitor.owner}.-1`),
    ];
    expect(forged.map((each) => own.read(`${name}=${each}`))).toEqual(forged.map(() => null));
    expect(own.read(undefined)).toBeNull();
    expect(own.read(`${name}=${value}`)).toEqual(visitor);
  });
});

describe('signing out others', () => {
  it('leaves one cookie that is the owner’s, after a restart too', async () => {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/owners.db`;
    const open = () => {
      const generations = openGenerations(file);
      const opened = new Owners({ signer: new Signer('a secret'), generations, secure: false });
      return { opened, [Symbol.dispose]: () => generations[Symbol.dispose]() };
    };
    let cookies: string[];
    {
      using first = open();
      const { visitor, setCookie } = first.opened.create();
      const second = first.opened.cookieFor(visitor.owner);
      const kept = first.opened.signOutOthers(visitor.owner);
      cookies = [setCookie, second, kept].map(sent);
      expect(first.opened.isCurrent(visitor)).toBe(false);
    }
    using again = open();
    const found = cookies.map((cookie) => again.opened.read(cookie));
    expect(found.map((visitor) => visitor?.generation)).toEqual([undefined, undefined, 1]);
  });

  it('is nobody else’s business', () => {
    const all = owners();
    const [one, other] = [all.create(), all.create()];
    all.signOutOthers(one.visitor.owner);
    expect(all.read(sent(other.setCookie))).toEqual(other.visitor);
  });
});
