/** A rule of a seccomp profile in Docker's format: what these system calls answer instead of being made. */
type Refusal = {
  names: readonly string[];
  action: 'SCMP_ACT_ERRNO';
  errnoRet: number;
  /** All must hold; an argument's position, and how its 64 bits are compared. */
  args?: readonly { index: number; op: string; value: number; valueTwo?: number }[];
};

const EPERM = 1;
/** What a kernel answers that does not have the call, so that programs do without it. */
const ENOSYS = 38;

const refuse = (names: readonly string[], errnoRet = EPERM): Refusal => ({
  names,
  action: 'SCMP_ACT_ERRNO',
  errnoRet,
});

/** The kernel itself, of which there is one for all hosts. */
const KERNEL = [
  ...['init_module', 'finit_module', 'delete_module', 'create_module', 'query_module', 'get_kernel_syms'],
  ...['kexec_load', 'kexec_file_load', 'reboot', 'syslog', 'bdflush', 'sysfs', '_sysctl', 'uselib', 'acct'],
  ...['settimeofday', 'stime', 'clock_settime', 'clock_settime64', 'adjtimex'],
  ...['clock_adjtime', 'clock_adjtime64', 'swapon', 'swapoff', 'quotactl', 'quotactl_fd', 'nfsservctl'],
  ...['perf_event_open', 'lookup_dcookie', 'fanotify_init', 'vhangup', 'migrate_pages', 'move_pages'],
  ...['iopl', 'ioperm', 'vm86', 'vm86old', 'pciconfig_read', 'pciconfig_write', 'pciconfig_iobase'],
] as const;

/** By a handle a file is found wherever it is, also outside of what is mounted here. */
const HANDLES = ['open_by_handle_at'] as const;

/** Where most of the ways out of containers were found in the last years, and no lab needs them. */
const ATTACK_SURFACE = ['io_uring_setup', 'io_uring_enter', 'io_uring_register', 'userfaultfd'] as const;

/**
 * With these a file leaves the project that its host's disk limit counts: FS_IOC_FSSETXATTR, FS_IOC_SETFLAGS as 64-bit
 * and as 32-bit programs know it. The kernel looks at the lower half of the argument only.
 */
const PROJECT_IOCTLS = [0x40_1c_58_20, 0x40_08_66_02, 0x40_04_66_02] as const;
/** These stop a whole file system, which a host shares with all others: FIFREEZE, FITHAW, FS_IOC_SHUTDOWN. */
const FILE_SYSTEM_IOCTLS = [0xc0_04_58_77, 0xc0_04_58_78, 0x80_04_58_7d] as const;
/**
 * A mount(2) that changes a whole file system, which a host shares with all others (`remount,abort` gives it up), and not
 * only what is mounted here, as with MS_BIND: MS_REMOUNT alone of the two.
 */
const REMOUNT = 0x20;
const REMOUNT_OR_BIND = 0x10_20;
const LOWER_HALF = 0xff_ff_ff_ff;

/**
 * Of bpf, runc needs three commands to let an inner container have its devices: PROG_LOAD, PROG_ATTACH and PROG_QUERY
 * (5, 8 and 16). All others are refused. With PROG_DETACH, or with a descriptor of a program that is not one's own, a
 * host would get rid of the program that keeps the engine's disks from itself.
 */
const BPF_REFUSED = [0, 1, 2, 3, 4, 6, 7, 9, 10, 11, 12, 13, 14, 15] as const;
const BPF_REFUSED_FROM = 17;

const PROFILE: { defaultAction: string; archMap: unknown; syscalls: readonly Refusal[] } = {
  defaultAction: 'SCMP_ACT_ALLOW',
  // With the same kernel come the calls of 32-bit programs, under numbers of their own.
  archMap: [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
  ],
  syscalls: [
    refuse([...KERNEL, ...HANDLES]),
    refuse([...ATTACK_SURFACE, 'file_setattr', 'fspick'], ENOSYS),
    {
      ...refuse(['mount']),
      args: [{ index: 3, op: 'SCMP_CMP_MASKED_EQ', value: REMOUNT_OR_BIND, valueTwo: REMOUNT }],
    },
    ...[...PROJECT_IOCTLS, ...FILE_SYSTEM_IOCTLS].map((request) => ({
      ...refuse(['ioctl']),
      args: [{ index: 1, op: 'SCMP_CMP_MASKED_EQ', value: LOWER_HALF, valueTwo: request }],
    })),
    ...BPF_REFUSED.map((command) => ({
      ...refuse(['bpf']),
      args: [{ index: 0, op: 'SCMP_CMP_EQ', value: command }],
    })),
    { ...refuse(['bpf']), args: [{ index: 0, op: 'SCMP_CMP_GE', value: BPF_REFUSED_FROM }] },
  ],
};

/** What a lab's host may not ask of the kernel, as an engine takes it: everything else is allowed. */
export const LAB_HOST_SECCOMP = JSON.stringify(PROFILE);
