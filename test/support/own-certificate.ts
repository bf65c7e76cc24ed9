import { generate } from 'selfsigned';
import type { Certificate } from '../../server/access/certificate.ts';

export type CertificateTerms = { name?: string; from?: Date; to?: Date };

const DAY_MS = 24 * 60 * 60_000;

/** A certificate that nobody but a test trusts, for a name or an address. */
export async function ownCertificate({
  name = '127.0.0.1',
  from,
  to,
}: CertificateTerms = {}): Promise<Certificate> {
  const isAddress = /^[\d.]+$/.test(name);
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    algorithm: 'sha256',
    notBeforeDate: from ?? new Date(Date.now() - DAY_MS),
    notAfterDate: to ?? new Date(Date.now() + DAY_MS),
    extensions: [
      { name: 'subjectAltName', altNames: [isAddress ? { type: 7, ip: name } : { type: 2, value: name }] },
    ],
  });
  return { cert, key };
}
