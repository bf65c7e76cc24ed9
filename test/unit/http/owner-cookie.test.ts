import { describe, expect, it } from 'vitest';
import { createOwner, readOwner } from '../../../server/http/owner-cookie.ts';

describe('the owner cookie', () => {
  it('names 128 random bits, out of reach of scripts and of other sites', () => {
    const { owner, setCookie } = createOwner();
    expect(Buffer.from(owner, 'base64url')).toHaveLength(16);
    expect(createOwner().owner).not.toBe(owner);
    const attributes = setCookie.split('; ').slice(1);
    expect(attributes).toEqual(expect.arrayContaining(['HttpOnly', 'SameSite=Lax', 'Path=/']));
  });

  it('is read back among other cookies', () => {
    const { owner, setCookie } = createOwner();
    expect(readOwner(`theme=dark; ${setCookie.split(';', 1)[0]}; a=b`)).toBe(owner);
  });

  it.each([
    undefined,
    '',
    'other=1',
    'drydock_owner=',
    'drydock_owner=short',
    `drydock_owner=${'a'.repeat(23)}`,
  ])('names nobody in %j', (header) => {
    expect(readOwner(header)).toBeNull();
  });
});
