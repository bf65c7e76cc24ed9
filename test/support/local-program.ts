import { spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import { Duplex } from 'node:stream';
import { readConfig } from '../../server/config.ts';
import { runProgram } from '../../server/engines/run-program.ts';
import { ensureSystemPrograms } from '../../server/engines/system-packages.ts';

/** Compile a program of an image for this machine, with its compiler or else the one that images are built with. */
export async function compileProgram(
  source: string,
  folder: string,
  options: readonly string[] = [],
): Promise<string> {
  // gencat stands for the C library's headers, which bring no program.
  const programs = { cc: 'tcc', gencat: 'libc6-dev' };
  await ensureSystemPrograms(programs, {
    setup: readConfig(process.env).setup,
    isRoot: process.getuid?.() === 0,
    announce: (message) => process.stdout.write(`${message}\n`),
    onLine: () => undefined,
  });
  const program = join(folder, basename(source, '.c'));
  await runProgram('cc', ['-Wall', source, '-o', program, ...options]);
  return program;
}

/** Run a program; its standard input and output are one connection, and it goes with that. */
export function connectProgram(program: string, words: readonly string[]) {
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  for (const stream of [child.stdin, child.stdout]) stream.on('error', () => undefined);
  const connection = Duplex.from({ readable: child.stdout, writable: child.stdin });
  connection.on('error', () => undefined);
  connection.once('close', () => {
    child.stdin.destroy();
    child.stdout.destroy();
  });
  return { connection, pid: child.pid, kill: () => child.kill('SIGKILL') };
}
