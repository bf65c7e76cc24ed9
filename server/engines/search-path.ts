import { delimiter } from 'node:path';

/**
 * The folders that programs are looked for in: those of PATH, and those where Debian keeps mke2fs and its kin,
 * which a user's PATH, and with it root's after a plain `su`, often lacks.
 */
export function searchPath(): string[] {
  const given = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...given, '/usr/sbin', '/sbin'];
}
