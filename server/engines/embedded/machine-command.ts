import type { Emulator } from './emulator.ts';
import type { Accelerator } from './guest-shape.ts';

/** A qcow2 file, or a raw one that the guest cannot write to, whatever it tries. */
export type MachineDisk = { file: string; writable: boolean };

/** What a machine is made of. One that is resumed must be the same in all but its disks and its port. */
export type MachineSpec = {
  kernel: string;
  initrd: string;
  /** In the order in which the guest sees them as vda, vdb … */
  disks: readonly MachineDisk[];
  cores: number;
  memoryMiB: number;
  accelerator: Accelerator;
  /** Whether the guest has a way to the internet, and may let its labs have it; it has none to anything else. */
  egress?: true;
  /**
   * A file that is the guest's memory. `write`: what the guest writes goes to the file. `read`: the machine begins
   * with what is in the file and keeps its changes to itself, so that any number can begin with it, at once and
   * without reading it first. Without a file, memory as usual.
   */
  memory: { file: string; mode: 'read' | 'write' } | null;
  /** A free port of 127.0.0.1 that leads to the guest's engine. */
  port: number;
  /** Begin with a state that is handed over by `Machine.resume`, instead of booting. */
  incoming: boolean;
};

/** The files of a running machine, in the folder that it runs in. */
export const MACHINE_FILES = {
  control: 'control.sock',
  agent: 'agent.sock',
  console: 'console.log',
  log: 'emulator.log',
} as const;

/**
 * The guest's only network: one through which nothing outside can be reached, or one on which QEMU makes connections for
 * it. What of it labs have then is for the guest's firewall to say (`guest/init`).
 */
const NETWORK = { closed: 'user,id=net,restrict=on', open: 'user,id=net,ipv6=off' } as const;

/** A full disk is an error for the guest to deal with: by default the whole machine would stop. */
const WRITABLE = 'format=qcow2,cache=unsafe,discard=unmap,werror=report';

/** The command that runs a machine; its working folder is where its files go. */
export function machineCommand(emulator: Emulator, spec: MachineSpec): readonly [string, ...string[]] {
  const [loader = '', ...args] = emulator.command('qemu-system');
  return [
    loader,
    ...args,
    ...['-machine', `q35${spec.memory ? ',memory-backend=ram' : ''}`, '-nodefaults', '-display', 'none'],
    ...acceleratorWords(spec.accelerator.name),
    ...['-smp', `${spec.cores}`, '-m', `${spec.memoryMiB}`, ...memoryBackend(spec)],
    ...['-kernel', spec.kernel, '-initrd', spec.initrd],
    ...['-append', `console=ttyS0 loglevel=4 panic=-1 oops=panic${kernelWords(spec)}`],
    ...['-serial', `file:${MACHINE_FILES.console}`, '-no-reboot'],
    ...spec.disks.flatMap(({ file, writable }) => [
      '-drive',
      `file=${file},if=virtio,${writable ? WRITABLE : 'format=raw,readonly=on'}`,
    ]),
    ...['-netdev', `${spec.egress ? NETWORK.open : NETWORK.closed},hostfwd=tcp:127.0.0.1:${spec.port}-:2376`],
    ...['-device', 'virtio-net-pci,netdev=net,romfile=', '-device', 'virtio-rng-pci'],
    // Tells the guest's kernel that it goes on as another machine, so that it draws fresh random numbers.
    ...['-device', 'vmgenid,guid=auto'],
    ...['-qmp', `unix:${MACHINE_FILES.control},server=on,wait=off`],
    ...['-chardev', `socket,id=agent,path=${MACHINE_FILES.agent},server=on,wait=off`],
    ...['-device', 'virtio-serial-pci', '-device', 'virtserialport,chardev=agent,name=drydock'],
    ...(spec.incoming ? ['-incoming', 'defer'] : []),
  ];
}

/** What makes a machine run by an accelerator. */
export const acceleratorWords = (name: Accelerator['name']): readonly string[] =>
  name === 'kvm'
    ? ['-accel', 'kvm', '-cpu', 'host']
    : // Four-level page tables are walked faster, and most of an emulated kernel's time is spent walking them.
      ['-accel', 'tcg,thread=multi', '-cpu', 'max,la57=off'];

const kernelWords = ({ accelerator, egress }: Pick<MachineSpec, 'accelerator' | 'egress'>) =>
  [
    // They protect from neighbours on the same processor; translated code has none.
    ...(accelerator.name === 'tcg' ? [' mitigations=off'] : []),
    ...(egress ? [' drydock.egress'] : []),
  ].join('');

function memoryBackend({ memory, memoryMiB }: MachineSpec): readonly string[] {
  if (memory === null) return [];
  const share = memory.mode === 'write' ? 'on' : 'off';
  return ['-object', `memory-backend-file,id=ram,size=${memoryMiB}M,mem-path=${memory.file},share=${share}`];
}
