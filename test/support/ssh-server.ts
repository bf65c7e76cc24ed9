import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { Server, utils, type Connection } from 'ssh2';
import { ownHost } from '../../server/own-hosts/own-host.ts';
import type { Pty } from '../../server/clusters/cluster.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A machine that ssh reaches as learner@desk: this one, with an ssh client that knows nothing else. */
export interface SshMachine extends AsyncDisposable {
  /** In which that ssh is found first. */
  readonly environment: Readonly<Record<string, string>>;
  /** The shells that are open on it. */
  readonly open: ReadonlySet<Pty>;
  /** Every connection to it ends at once, as where its network goes. */
  cutOff(): void;
}

/** @param known whether the client knows the machine */
export async function sshMachine(known = true): Promise<SshMachine> {
  await using owned = new AsyncDisposableStack();
  const folder = owned.use(await temporaryFolder());
  const [host, user] = [utils.generateKeyPairSync('ed25519'), utils.generateKeyPairSync('ed25519')];
  const open = new Set<Pty>();
  const connections = new Set<Connection>();
  const local = ownHost('host01', { kind: 'local' }, { PATH: process.env['PATH'], HOME: folder.path });
  const server = new Server({ hostKeys: [host.private] }, (connection) => {
    connections.add(connection);
    connection.on('error', () => undefined);
    connection.on('close', () => connections.delete(connection));
    connection.on('authentication', (attempt) =>
      attempt.method === 'publickey' ? attempt.accept() : attempt.reject(['publickey']),
    );
    connection.on('session', (accept) => {
      const session = accept();
      let size = { columns: 80, rows: 24 };
      let pty: Pty | null = null;
      session.on('pty', (acceptPty, _reject, { cols, rows }) => {
        size = { columns: cols, rows };
        acceptPty();
      });
      session.on('window-change', (acceptChange, _reject, { cols, rows }) => {
        acceptChange?.();
        void pty?.resize({ columns: cols, rows });
      });
      session.on('shell', (acceptShell) => {
        const stream = acceptShell();
        void local.openPty(size).then(async (shell) => {
          pty = shell;
          open.add(shell);
          stream.on('data', (data: Buffer) => shell.write(data));
          stream.on('close', () => void shell[Symbol.asyncDispose]());
          for await (const data of shell.output) if (!stream.write(data)) await once(stream, 'drain');
          stream.exit((await shell.exited) ?? 1);
          stream.end();
          open.delete(shell);
        });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not listening on a port');
  owned.defer(async () => {
    server.close();
    for (const shell of open) await shell[Symbol.asyncDispose]();
  });
  await folder.write('key', user.private);
  await chmod(join(folder.path, 'key'), 0o600);
  await folder.write('known', known ? `desk ${host.public}\n` : '');
  await folder.write('.bash_profile', `PS1='ready$ '; HISTFILE=; export LC_ALL=C.UTF-8\n`);
  await folder.write(
    'config',
    `Host desk
  HostName 127.0.0.1
  HostKeyAlias desk
  Port ${address.port}
  IdentityFile ${folder.path}/key
  IdentitiesOnly yes
  UserKnownHostsFile ${folder.path}/known
  GlobalKnownHostsFile /dev/null
`,
  );
  await folder.write('bin/ssh', `#!/bin/sh\nexec /usr/bin/ssh -F ${folder.path}/config "$@"\n`);
  await chmod(join(folder.path, 'bin/ssh'), 0o755);
  const held = owned.move();
  return {
    environment: { PATH: `${folder.path}/bin:${process.env['PATH']}`, HOME: folder.path },
    open,
    cutOff() {
      for (const connection of connections) connection.end();
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
