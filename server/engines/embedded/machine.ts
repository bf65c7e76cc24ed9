import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { UserError } from '../user-error.ts';
import type { Emulator } from './emulator.ts';

export type MachineSpec = {
  kernel: string;
  initrd: string;
  /** Writable disks, in the order in which the guest sees them as vda, vdb … */
  disks: readonly string[];
  /** A read-only raw file that the guest sees as the disk after those. */
  secrets: string;
  /** Where the guest's serial console is kept. */
  console: string;
  cores: number;
  memoryMiB: number;
  /** A free port of 127.0.0.1 that leads to the guest's engine. */
  port: number;
};

/** A running virtual machine. Disposing it ends it at once: its disks are of this run alone. */
export interface Machine extends AsyncDisposable {
  /** Aborts, with the reason, when the machine ends by itself or its kernel fails. */
  readonly failed: AbortSignal;
  /** The last lines of the guest's console; empty where there are none. */
  consoleTail(): Promise<string>;
}

/** The guest's only network is one through which nothing outside can be reached (`restrict=on`). */
const NETWORK = 'user,id=net,restrict=on';

/** Start the virtual machine; it ends with this process, however that ends. */
export function startMachine(emulator: Emulator, spec: MachineSpec): Machine {
  const [loader, ...args] = emulator.command('qemu-system');
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', loader ?? '', ...args],
      ...['-machine', 'q35', '-nodefaults', '-display', 'none', '-monitor', 'none'],
      // Four-level page tables are walked faster, and most of an emulated kernel's time is spent walking them.
      ...['-accel', 'tcg,thread=multi', '-cpu', 'max,la57=off'],
      ...['-smp', `${spec.cores}`, '-m', `${spec.memoryMiB}`],
      ...['-kernel', spec.kernel, '-initrd', spec.initrd],
      // Mitigations protect from neighbours on the same processor; translated code has none.
      ...['-append', 'console=ttyS0 loglevel=4 panic=-1 oops=panic mitigations=off'],
      ...['-serial', `file:${spec.console}`, '-no-reboot'],
      // A full disk is an error for the guest to deal with: by default the whole machine would stop.
      ...spec.disks.flatMap((file) => [
        '-drive',
        `file=${file},if=virtio,format=qcow2,cache=unsafe,discard=unmap,werror=report`,
      ]),
      ...['-drive', `file=${spec.secrets},if=virtio,format=raw,readonly=on`],
      ...['-netdev', `${NETWORK},hostfwd=tcp:127.0.0.1:${spec.port}-:2376`],
      ...['-device', 'virtio-net-pci,netdev=net,romfile=', '-device', 'virtio-rng-pci'],
    ],
    // In a process group of its own: a Ctrl-C in the terminal is for Drydock to hear, which first ends its labs.
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  let printed = '';
  child.stderr.on('data', (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-2000)));
  const ended = once(child, 'exit');
  const failed = new AbortController();
  let stopping = false;
  const consoleTail = async () => {
    const console = await readFile(spec.console, 'utf8').catch(() => '');
    return console.split('\n').slice(-12).join('\n');
  };
  void ended.then(async ([code, signal]) => {
    if (stopping) return;
    const how = signal === null ? `with code ${code}` : `by ${signal}`;
    failed.abort(
      new UserError(
        `The engine's virtual machine ended ${how}, and its labs with it. Start Drydock again.\n${printed}${await consoleTail()}`,
      ),
    );
  });
  return {
    failed: failed.signal,
    consoleTail,
    async [Symbol.asyncDispose]() {
      stopping = true;
      child.kill('SIGKILL');
      await ended;
    },
  };
}
