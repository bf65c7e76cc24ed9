import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { execa } from 'execa';

/** A machine as far as the network goes: a namespace with an address. */
export type Machine = {
  readonly address: string;
  /** The words of a command that run another there. */
  readonly prefix: readonly [string, ...string[]];
};

const ADDRESSES = ['198.51.100.1', '198.51.100.2'] as const;

/**
 * Two machines of a test's own with a cable between them, and nothing else that they could reach. Only root can make
 * them. They go with their disposal.
 */
export async function twoMachines(): Promise<AsyncDisposable & { server: Machine; visitor: Machine }> {
  await using owned = new AsyncDisposableStack();
  const namespace = async (): Promise<ChildProcess> => {
    const script = 'ip link set lo up && echo up && exec sleep infinity';
    const holder = spawn('unshare', ['--net', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    owned.defer(async () => {
      if (holder.kill()) await once(holder, 'exit');
    });
    await once(holder.stdout, 'data');
    return holder;
  };
  const holders = [await namespace(), await namespace()];
  const [server, visitor] = ADDRESSES.map((address, index): Machine => {
    const prefix = ['nsenter', `--net=/proc/${holders[index]?.pid}/ns/net`] as const;
    return { address, prefix };
  });
  if (server === undefined || visitor === undefined) throw new Error('there are two addresses');
  const run = async ({ prefix: [command, ...words] }: Machine, ...more: string[]): Promise<void> => {
    await execa(command, [...words, ...more]);
  };
  const visitorPid = String(holders[1]?.pid);
  await run(
    server,
    'ip',
    'link',
    'add',
    'cable',
    'type',
    'veth',
    'peer',
    'name',
    'cable',
    'netns',
    visitorPid,
  );
  for (const machine of [server, visitor]) {
    await run(machine, 'ip', 'address', 'add', `${machine.address}/24`, 'dev', 'cable');
    await run(machine, 'ip', 'link', 'set', 'cable', 'up');
  }
  const held = owned.move();
  return { server, visitor, [Symbol.asyncDispose]: () => held.disposeAsync() };
}
