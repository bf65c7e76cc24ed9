import { join } from 'node:path';
import { execa } from 'execa';

const ROOT = join(import.meta.dirname, '../..');

export type CommandResult = { exitCode: number | undefined; stdout: string; stderr: string };

export type CommandOptions = {
  environment?: Readonly<Record<string, string>>;
  /** A copy of the project; this one unless told. */
  project?: string;
  /** What comes in by a pipe; nothing unless told. */
  input?: string;
};

/** Run one of Drydock's commands to its end on a cache folder, with nobody at its terminal. */
export async function drydock(
  cache: string,
  words: readonly string[],
  { environment = {}, project = ROOT, input }: CommandOptions = {},
): Promise<CommandResult> {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [join(project, 'server/main.ts'), ...words],
    {
      env: { DRYDOCK_CACHE: cache, DRYDOCK_PORT: '0', DRYDOCK_SETUP: 'manual', ...environment },
      ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
      reject: false,
    },
  );
  return { exitCode, stdout, stderr };
}
