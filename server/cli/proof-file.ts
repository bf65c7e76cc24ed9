import { open } from 'node:fs/promises';
import { UserError } from '../engines/user-error.ts';
import type { Proof } from '../proof/proof.ts';

/** A file for what is found, which keeps what it had until then. */
export interface ProofFile extends AsyncDisposable {
  write(proof: Proof): Promise<void>;
}

/** Open a file that is to be written, where one is wished. Rejects with a UserError where that cannot be. */
export async function openProofFile(path: string | undefined): Promise<ProofFile> {
  if (path === undefined)
    return { write: async () => undefined, [Symbol.asyncDispose]: async () => undefined };
  const file = await open(path, 'a').catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(
      `${path} cannot be written (${reason}). Give --json a file in a folder that is yours.`,
      { cause },
    );
  });
  return {
    async write(proof) {
      await file.truncate();
      await file.appendFile(`${JSON.stringify(proof, null, 2)}\n`);
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}
