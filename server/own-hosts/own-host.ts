import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { ShellFault, ShellHost } from '../clusters/cluster.ts';
import type { HostName } from '../protocol/index.ts';
import { ProgramPty, type Program } from './program-pty.ts';

/** What an own host is: this machine, or one that `ssh` reaches from here. */
export type OwnHost = { kind: 'local' } | { kind: 'ssh'; destination: string };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a shell is given of the server's environment: what a login has, and nothing that is Drydock's, npm's or that leads
 * to a Docker engine.
 */
const GIVEN = /^(PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TZ)$/;

const NO_SSH =
  'There is no ssh client on the machine that runs Drydock. Whoever runs it has to install one (on Debian: apt install openssh-client). 运行 Drydock 的机器上没有 ssh 客户端，请其管理员安装（Debian：apt install openssh-client）。';

/**
 * Nobody but whoever runs the server answers ssh's questions, beforehand; and a learner's keys reach the machine alone,
 * not the client's own commands, which could open ports of this one.
 */
const SSH = [
  'ssh',
  ...['-tt', '-a', '-x', '-e', 'none'],
  ...['BatchMode=yes', 'ClearAllForwardings=yes', 'PermitLocalCommand=no', 'ConnectTimeout=10'].flatMap(
    option,
  ),
  ...['ServerAliveInterval=15', 'ServerAliveCountMax=3'].flatMap(option),
];

function option(word: string): string[] {
  return ['-o', word];
}

/** ssh's own failures; a program on the machine seldom ends with it. */
const SSH_FAILED = 255;

const unreached = (destination: string): ShellFault => ({
  words: {
    en: `The connection to ${destination} failed or was cut off. Press Enter to try again; if it stays so, whoever runs Drydock has to see that “ssh ${destination} true” works from its machine without a question.`,
    'zh-CN': `与 ${destination} 的连接失败或已中断。按 Enter 重试；如果仍然不行，请 Drydock 的运行者确认，在运行 Drydock 的机器上执行“ssh ${destination} true”能成功且没有任何提问。`,
  },
  error: new Error(
    `ssh to ${destination} failed or was cut off. As the user who runs Drydock, see that “ssh ${destination} true” works without a question.`,
  ),
});

/** A host that is a machine that exists already, with shells as the user that the server runs as. */
export const ownHost = (name: HostName, host: OwnHost, environment: Environment): ShellHost => ({
  name,
  async openPty(size, signal) {
    signal?.throwIfAborted();
    const pty = await ProgramPty.open(programOf(host, environment), size);
    if (!signal?.aborted) return pty;
    await pty[Symbol.asyncDispose]();
    throw signal.reason;
  },
  // A shell here is the server's child, and ends with it.
  attachPty: async () => null,
  faultOf: (code) => (host.kind === 'ssh' && code === SSH_FAILED ? unreached(host.destination) : null),
});

function programOf(host: OwnHost, environment: Environment): Program {
  const given = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && GIVEN.test(name) ? [[name, value] as const] : [],
  );
  // Where there is none, as that of a user for services alone, a login is in this one, too.
  const home = environment['HOME'] ?? userInfo().homedir;
  const folder = existsSync(home) ? home : '/';
  if (host.kind === 'local') {
    return { command: ['bash', '--login'], environment: Object.fromEntries(given), folder };
  }
  const agent = environment['SSH_AUTH_SOCK'];
  const script = 'command -v ssh >/dev/null || { echo "$0"; exit 127; }; exec "$@"';
  return {
    command: ['sh', '-c', script, NO_SSH, ...SSH, '--', host.destination],
    environment: { ...Object.fromEntries(given), ...(agent && { SSH_AUTH_SOCK: agent }) },
    folder,
  };
}
