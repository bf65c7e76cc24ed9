import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../run-program.ts';
import { makeCertificates } from './certificates.ts';

/** What the two ends of the connection to a guest's engine know each other by. */
export type GuestSecrets = {
  /** The guest's, as a tar for a disk of its own. */
  disk: string;
  /** A folder with the client's ca.pem, cert.pem and key.pem. */
  client: string;
};

export const secretsIn = (folder: string): GuestSecrets => ({
  disk: join(folder, 'guest.tar'),
  client: join(folder, 'client'),
});

/** Make certificates for one guest and put them into a folder that nobody else may read. */
export async function makeGuestSecrets(folder: string): Promise<GuestSecrets> {
  const { ca, server, client } = await makeCertificates();
  const write = async (end: string, { cert, key }: { cert: string; key: string }) => {
    const target = join(folder, end);
    await mkdir(target, { mode: 0o700 });
    const files = { 'ca.pem': ca, 'cert.pem': cert, 'key.pem': key };
    await Promise.all(
      Object.entries(files).map(([name, text]) => writeFile(join(target, name), text, { mode: 0o600 })),
    );
    return target;
  };
  const guest = await write('guest', server);
  const secrets = secretsIn(folder);
  await runProgram('tar', ['-cf', secrets.disk, '--mode=600', '-C', guest, '.']);
  await rm(guest, { recursive: true });
  await write('client', client);
  return secrets;
}

/** A copy of the client's, for a machine that outlives the snapshot that it began with. */
export async function copyClientSecrets(from: GuestSecrets, folder: string): Promise<string> {
  const { client } = secretsIn(folder);
  await cp(from.client, client, { recursive: true });
  return client;
}
