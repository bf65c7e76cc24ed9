import type Docker from 'dockerode';
import { LABELS } from '../../../server/clusters/labels.ts';
import { startExec } from '../../../server/clusters/exec-stream.ts';
import { compared, type Row } from '../row.ts';
import type { BenchShell } from '../terminals/shell.ts';
import { secondsToRead } from '../terminals/throughput.ts';

const SIZE = 64 * 2 ** 20;
const ROUNDS = 5;
const FILE = '/root/stream';

/** How long 64 MiB take from a lab's host to a client, beside what the engine's own interface streams of the same host. */
export async function hostStreamRow(
  container: Docker.Container,
  shell: BenchShell,
  say: (text: string) => void,
): Promise<Row> {
  say(`64 MiB through a lab's host, ${ROUNDS} rounds of two ways`);
  await secondsOf(
    container,
    ['sh', '-c', `yes 'a line of what is read from a host' | head -c ${SIZE} > ${FILE}`],
    0,
  );
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await secondsOf(container, ['sh', '-c', `stty -opost; cat ${FILE}`], SIZE));
    ours.push(await secondsToRead(shell, FILE, SIZE));
  }
  return compared(
    "64 MiB, a lab's host to a Node client; the engine's own stream of a terminal there",
    's',
    ours,
    bare,
    1 / 0.9,
  );
}

/** The host of the one lab that there is. */
export async function hostContainer(docker: Docker): Promise<Docker.Container> {
  const hosts = await docker.listContainers({ filters: { label: [`${LABELS.host}=host01`] } });
  const found = hosts.find(({ State }) => State === 'running');
  if (found === undefined) throw new Error('There is no host01.');
  return docker.getContainer(found.Id);
}

/** Until a command on a terminal has printed so many bytes, and ended. */
export async function secondsOf(
  container: Docker.Container,
  command: string[],
  size: number,
): Promise<number> {
  const began = performance.now();
  const { stream } = await startExec(container, { Cmd: command, Tty: true });
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  if (bytes < size) throw new Error(`The engine gave ${bytes} of ${size} bytes.`);
  return (performance.now() - began) / 1000;
}
