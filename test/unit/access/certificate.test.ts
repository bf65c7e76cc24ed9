import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readCertificate } from '../../../server/access/certificate.ts';
import { UserError } from '../../../server/engines/user-error.ts';
import { ownCertificate, type CertificateTerms } from '../../support/own-certificate.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A certificate and its key in files. */
async function onDisk(terms: CertificateTerms = {}) {
  const folder = await temporaryFolder();
  const made = await ownCertificate(terms);
  const files = {
    cert: await folder.write('cert.pem', made.cert),
    key: await folder.write('key.pem', made.key, 0o600),
  };
  return { folder, made, files, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

const url = (name: string) => new URL(`https://${name}`);

describe('a certificate', () => {
  it('is read with its key, for the name or address that the server is visited at', async () => {
    await using named = await onDisk({ name: 'labs.example' });
    expect(await readCertificate(named.files, url('labs.example'))).toEqual(named.made);
    expect(await readCertificate(named.files, null)).toEqual(named.made);
    await using numbered = await onDisk({ name: '192.0.2.1' });
    expect(await readCertificate(numbered.files, url('192.0.2.1:7300'))).toEqual(numbered.made);
  });

  it('is refused where it is for another name', async () => {
    await using here = await onDisk({ name: 'labs.example' });
    await expect(readCertificate(here.files, url('other.example'))).rejects.toThrow(
      /not for other\.example.*but for DNS:labs\.example/,
    );
  });

  it('is refused where it is out of date, or not yet good', async () => {
    await using here = await onDisk();
    const late = new Date(Date.now() + 2 * 24 * 60 * 60_000);
    await expect(readCertificate(here.files, null, late)).rejects.toThrow(/is good from .* Renew it/);
    await expect(readCertificate(here.files, null, new Date(0))).rejects.toThrow(/this machine’s clock/);
  });

  it('is refused with another’s key', async () => {
    await using here = await onDisk();
    await here.folder.write('key.pem', (await ownCertificate()).key);
    await expect(readCertificate(here.files, null)).rejects.toThrow(/is not the key of/);
  });

  it('is refused in a sentence where it is none, or not there, whose contents are not told', async () => {
    await using here = await onDisk();
    await here.folder.write('cert.pem', 'secret words');
    await expect(readCertificate(here.files, null)).rejects.toThrow(/DRYDOCK_TLS_CERT.*PEM/);
    await rm(here.files.key);
    const refusal = await readCertificate(here.files, null).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UserError);
    expect(String(refusal)).toMatch(/DRYDOCK_TLS_KEY cannot be read/);
  });
});
