import { generate } from 'selfsigned';

/** What both ends need for mutual TLS, in PEM. */
export type Certificates = {
  ca: string;
  server: { cert: string; key: string };
  client: { cert: string; key: string };
};

const elliptic = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
const DAY_MS = 86_400_000;

/**
 * An authority and one certificate for each end of the connection to a guest's engine, made anew on each machine. Elliptic curves, because a
 * handshake with RSA costs an emulated guest many times as much.
 */
export async function makeCertificates(): Promise<Certificates> {
  // A month back: the guest's clock may be behind the machine's.
  const validity = {
    notBeforeDate: new Date(Date.now() - 30 * DAY_MS),
    notAfterDate: new Date(Date.now() + 365 * DAY_MS),
  };
  const authority = await generate([{ name: 'commonName', value: 'Drydock engine authority' }], {
    ...elliptic,
    ...validity,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true },
    ],
  });
  const ca = { key: authority.private, cert: authority.cert };
  const leaf = async (commonName: string, usage: 'serverAuth' | 'clientAuth') => {
    const made = await generate([{ name: 'commonName', value: commonName }], {
      ...elliptic,
      ...validity,
      ca,
      extensions: [
        { name: 'keyUsage', digitalSignature: true, critical: true },
        { name: 'extKeyUsage', [usage]: true },
        { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
      ],
    });
    return { cert: made.cert, key: made.private };
  };
  return {
    ca: authority.cert,
    server: await leaf('engine', 'serverAuth'),
    client: await leaf('drydock', 'clientAuth'),
  };
}
