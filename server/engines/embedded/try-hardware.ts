import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { EmbeddedBuild } from './build-embedded.ts';
import { acceleratorWords } from './machine-command.ts';

const TRIAL_MS = 20_000;
const HELLO = 'drydock: hello';
/** Lines of what was said that a reason has: the first, which what QEMU tells of its registers follows. */
const HEAD = 3;

/**
 * Boot the guest's kernel with the hardware's help as far as its first program, which says hello. Where it is only there
 * in name, the machine hangs or aborts within moments. Resolves with why it does not do, or null where it does.
 */
export async function tryHardware(
  { emulator, kernel, initrd }: Pick<EmbeddedBuild, 'emulator' | 'kernel' | 'initrd'>,
  signal: AbortSignal,
  limitMs = TRIAL_MS,
): Promise<string | null> {
  const [program = '', ...args] = emulator.command('qemu-system');
  const late = AbortSignal.timeout(limitMs);
  const stop = AbortSignal.any([signal, late]);
  // A machine that hangs would outlive a process that is killed meanwhile.
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', program],
      ...args,
      ...['-machine', 'q35', '-nodefaults', '-display', 'none', '-no-reboot', '-serial', 'stdio'],
      ...acceleratorWords('kvm'),
      ...['-smp', '2', '-m', '256', '-kernel', kernel, '-initrd', initrd],
      // Its initrd has the program, and the kernel hands on what follows the dashes.
      ...['-append', `console=ttyS0 loglevel=4 panic=-1 rdinit=/bin/busybox -- echo ${HELLO}`],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = once(child, 'close').then(
    ([code, name]) => `it ended (${String(code ?? name)})`,
    (error: unknown) => String(error),
  );
  const kill = () => child.kill('SIGKILL');
  stop.addEventListener('abort', kill, { once: true });
  let said = '';
  let works = false;
  const listen = (chunk: Buffer) => {
    said += chunk.toString();
    if (!said.includes(HELLO)) return;
    works = true;
    kill();
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const end = await ended;
  stop.removeEventListener('abort', kill);
  signal.throwIfAborted();
  if (works) return null;
  const why = late.aborted ? `nothing came of it within ${limitMs / 1000} seconds` : end;
  const lines = said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return [`A virtual machine was tried with it, and ${why}.`, ...lines.slice(0, HEAD)].join(' ');
}
