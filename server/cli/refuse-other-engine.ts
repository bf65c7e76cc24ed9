import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../engines/user-error.ts';

/**
 * Refuse to start where testcontainers would make the labs' hosts on another engine than it is told: a `tc.host`
 * of the user's own comes before every variable.
 */
export async function refuseOtherEngine(home: string = homedir()): Promise<void> {
  const file = join(home, '.testcontainers.properties');
  const text = await readFile(file, 'utf8').catch(() => '');
  const [line] = /^[ \t]*tc\.host[ \t]*[=: \t].*$/m.exec(text) ?? [];
  if (line === undefined) return;
  throw new UserError(
    `The line “${line.trim()}” in ${file} would send the labs to another Docker engine than Drydock's own. Put a # before it and start again.`,
  );
}
