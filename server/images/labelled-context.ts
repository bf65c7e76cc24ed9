import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Labels = Readonly<Record<string, string>>;

/** A folder that an image is built from. Disposing it removes what was made for it. */
export interface BuildContext extends AsyncDisposable {
  readonly folder: string;
}

/**
 * A copy of a folder with a Dockerfile whose every stage begins with labels, so that all that its build makes has them:
 * also the images on the way, which have no name, and stay where it is cut off. A builder itself labels the last alone.
 */
export async function labelledContext(context: string, labels: Labels): Promise<BuildContext> {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-context-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await cp(context, folder, { recursive: true, verbatimSymlinks: true });
    const file = join(folder, 'Dockerfile');
    await writeFile(file, labelStages(await readFile(file, 'utf8'), labels));
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, [Symbol.asyncDispose]: remove };
}

/** The text of a Dockerfile with labels at the beginning of each stage. */
export function labelStages(dockerfile: string, labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${JSON.stringify(name)}=${JSON.stringify(value)}`,
  );
  if (pairs.length === 0) return dockerfile;
  const instruction = `LABEL ${pairs.join(' ')}`;
  let goesOn = false;
  let isFrom = false;
  const lines = dockerfile.split('\n').flatMap((line) => {
    // A comment between the lines of an instruction does not end it.
    if (goesOn && /^\s*(#|$)/.test(line)) return [line];
    if (!goesOn) isFrom = /^\s*FROM\s/i.test(line);
    goesOn = /\\\s*$/.test(line) && !/^\s*#/.test(line);
    return isFrom && !goesOn ? [line, instruction] : [line];
  });
  return lines.join('\n');
}
