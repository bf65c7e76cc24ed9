import { connect, createServer, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../../support/listen.ts';
import { makeCertificates, type Certificates } from '../../../../server/engines/embedded/certificates.ts';

const HOUR_MS = 3_600_000;

/** How Node.js's server ends a connection whose certificate it does not take. */
const REFUSED = /ended without an answer|ECONNRESET|EPIPE/;

/** A server that repeats what it is told, to those who show a certificate of its authority. */
function startEcho(server: Certificates['server'], ca: string) {
  return listen(
    createServer({ ...server, ca, requestCert: true, rejectUnauthorized: true }, (socket) => {
      socket.on('error', () => undefined);
      socket.pipe(socket);
    }),
  );
}

/** Say a word over a connection and give the answer; fails as the connection does, or when it ends unanswered. */
async function ask(port: number, options: ConnectionOptions): Promise<string> {
  const socket: TLSSocket = connect({ host: '127.0.0.1', port, ...options });
  try {
    socket.write('hello');
    for await (const answer of socket) return String(answer);
    throw new Error('The connection ended without an answer.');
  } finally {
    socket.destroy();
  }
}

describe("an engine's certificates", () => {
  let ours: Certificates;
  let others: Certificates;
  beforeAll(async () => {
    [ours, others] = await Promise.all([makeCertificates(), makeCertificates()]);
  });

  it('let each end trust the other, by the address that the engine has', async () => {
    await using echo = await startEcho(ours.server, ours.ca);
    expect(await ask(echo.port, { ca: ours.ca, ...ours.client })).toBe('hello');
  });

  it('let the engine refuse a client without a certificate', async () => {
    await using echo = await startEcho(ours.server, ours.ca);
    await expect(ask(echo.port, { ca: ours.ca })).rejects.toThrow(/certificate.required/i);
  });

  it('let the engine refuse a client of an engine that was started another time', async () => {
    await using echo = await startEcho(ours.server, ours.ca);
    await expect(ask(echo.port, { ca: ours.ca, ...others.client })).rejects.toThrow(REFUSED);
  });

  it('let a client refuse an engine that was started another time', async () => {
    await using echo = await startEcho(others.server, others.ca);
    await expect(ask(echo.port, { ca: ours.ca, ...ours.client })).rejects.toThrow(/certificate/i);
  });

  it("do not let the engine's own certificate be a client's, nor a client's be the engine's", async () => {
    await using echo = await startEcho(ours.server, ours.ca);
    await expect(ask(echo.port, { ca: ours.ca, ...ours.server })).rejects.toThrow(REFUSED);
    await using impostor = await startEcho(ours.client, ours.ca);
    await expect(ask(impostor.port, { ca: ours.ca, ...ours.client })).rejects.toThrow(/purpose/);
  });

  it('are good for a guest whose clock is a little behind, and no authorities themselves', () => {
    for (const { cert } of [ours.server, ours.client]) {
      const certificate = new X509Certificate(cert);
      expect(certificate.ca).toBe(false);
      expect(certificate.validFromDate.getTime()).toBeLessThan(Date.now() - HOUR_MS);
      expect(certificate.validToDate.getTime()).toBeGreaterThan(Date.now() + HOUR_MS);
      expect(certificate.publicKey.asymmetricKeyType).toBe('ec');
    }
  });
});
