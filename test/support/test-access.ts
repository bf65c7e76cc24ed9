import { Access } from '../../server/access/access.ts';
import type { Certificate } from '../../server/access/certificate.ts';
import { exposureOf, type SiteSettings } from '../../server/access/exposure.ts';
import { openGenerations } from '../../server/access/generation-store.ts';

/** What the tests know of secrets that a server makes up. */
export const OPERATOR_TOKEN = 'the-token-of-the-operator';
export const ACCESS_CODE = 'k7mq-2xvd-9rtb';

export type TestAccessOptions = Partial<SiteSettings> & {
  certificate?: Certificate;
  /** What cookies are signed with; as in a server that was started again, where it is the same. */
  secret?: string;
};

/** What guards a server, put together as `up` does it, with nothing on disk. */
export function testAccess({ secret = 'a secret', ...settings }: TestAccessOptions = {}): Access {
  const { host = '127.0.0.1', url = null, accessCode = null, tls = null, certificate } = settings;
  const given = certificate === undefined ? tls : { cert: '/cert.pem', key: '/key.pem' };
  const exposure = exposureOf({ host, url, accessCode, tls: given, operatorToken: null });
  return new Access({
    secret,
    operatorToken: OPERATOR_TOKEN,
    code: exposure.exposed ? (accessCode ?? ACCESS_CODE) : null,
    url,
    ...exposure,
    generations: openGenerations(':memory:'),
  });
}
