import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { UserError } from '../engines/user-error.ts';

/** What TLS is spoken with, both in PEM. */
export type Certificate = { cert: string; key: string };

/**
 * Read a certificate with its chain, and its key. Rejects with a UserError where they cannot be read, are not of each
 * other, are out of date or not for the name that the server is visited at: browsers would refuse them, with less to say.
 */
export async function readCertificate(
  files: Certificate,
  url: URL | null,
  now: Date = new Date(),
): Promise<Certificate> {
  // One after the other, so that of two faults the same is told each time.
  const cert = await readSetting('DRYDOCK_TLS_CERT', files.cert);
  const key = await readSetting('DRYDOCK_TLS_KEY', files.key);
  const parsed = parse('DRYDOCK_TLS_CERT', files.cert, () => new X509Certificate(cert));
  const secret = parse('DRYDOCK_TLS_KEY', files.key, () => createPrivateKey(key));
  if (!parsed.checkPrivateKey(secret)) {
    throw new UserError(
      `${files.key} is not the key of the certificate in ${files.cert}. Set both to one pair.`,
    );
  }
  if (now < parsed.validFromDate || now > parsed.validToDate) {
    throw new UserError(
      `The certificate in ${files.cert} is good from ${parsed.validFrom} to ${parsed.validTo}. Renew it, or set this machine’s clock.`,
    );
  }
  const name = url?.hostname.replaceAll(/[[\]]/g, '');
  const isFor = (asked: string) =>
    (isIP(asked) === 0 ? parsed.checkHost(asked) : parsed.checkIP(asked)) !== undefined;
  if (name !== undefined && !isFor(name)) {
    throw new UserError(
      `The certificate in ${files.cert} is not for ${name}, which DRYDOCK_URL names, but for ${parsed.subjectAltName ?? 'no name'}.`,
    );
  }
  return { cert, key };
}

async function readSetting(setting: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`${setting} cannot be read: ${error instanceof Error ? error.message : file}`, {
      cause: error,
    });
  }
}

function parse<T>(setting: string, file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UserError(`${file}, which ${setting} names, does not hold what it should in PEM.`, {
      cause: error,
    });
  }
}
