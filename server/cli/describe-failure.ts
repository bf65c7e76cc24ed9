import { giveBack, partOfRoot } from '../engines/files-of-root.ts';
import { isSystemError } from '../engines/system-error.ts';
import { UserError } from '../engines/user-error.ts';

/** Failures of the system that whoever runs a command can mend, and how. */
const MENDABLE: Readonly<Record<string, string>> = {
  EACCES: 'You may not use it. Run this as its owner, or set DRYDOCK_CACHE to a folder of yours.',
  EPERM: 'You may not change it. Run this as its owner, or set DRYDOCK_CACHE to a folder of yours.',
  EROFS: 'It cannot be written to. Set DRYDOCK_CACHE to a folder that can.',
  ENOTDIR: 'It is no folder. Set DRYDOCK_CACHE to one.',
  EEXIST: 'It is no folder. Set DRYDOCK_CACHE to one.',
  ENOSPC: 'The disk is full. Free some of it, or set DRYDOCK_CACHE to a folder on another.',
};

/** A person's mistake gets its sentence, a fault of ours its trace. */
export function describeFailure(error: unknown): string {
  if (error instanceof UserError) return error.message;
  // What failed first is told first, then what could not be tidied for it.
  if (error instanceof SuppressedError) {
    return [error.suppressed, error.error].map(describeFailure).join('\n');
  }
  if (isSystemError(error, ...Object.keys(MENDABLE)) && error.path !== undefined) {
    const roots = isSystemError(error, 'EACCES', 'EPERM') ? partOfRoot(error.path) : null;
    if (roots !== null) return `${roots} belongs to root, as after a start by root. ${giveBack([roots])}`;
    return `${error.path}: ${MENDABLE[error.code ?? '']}`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
