import { readdirSync, readFileSync } from 'node:fs';

/**
 * Signal all that runs in the session that a process leads, on whichever terminal; what a signal would only reach once it
 * goes on is made to. A program that is meant to outlive its terminal has left the session or ignores SIGHUP.
 */
export function signalSession(leader: number, signal: 'SIGHUP' | 'SIGKILL'): void {
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || sessionOf(pid) !== leader) continue;
    for (const each of [signal, 'SIGCONT'] as const) {
      try {
        process.kill(pid, each);
      } catch {
        // It has just ended, or become another user's.
      }
    }
  }
}

function sessionOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Behind the name, which may have anything in it: state, parent, group, session.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[3]);
  } catch {
    return null;
  }
}
