import { setTimeout as wait } from 'node:timers/promises';
import { BoundedText, demultiplex, startExec } from '../../server/clusters/exec-stream.ts';
import type Docker from 'dockerode';

const POLL_MS = 20;

/** Make a swarm of two hosts, by their containers' ids, and wait until the second is ready in it. */
export async function makeSwarm(docker: Docker, manager: string, worker: string): Promise<void> {
  await runInContainer(docker, manager, 'docker swarm init');
  await runInContainer(
    docker,
    worker,
    await runInContainer(docker, manager, 'docker swarm join-token worker | grep "swarm join"'),
  );
  for (;;) {
    const nodes = await runInContainer(docker, manager, 'docker node ls --format "{{.Status}}"');
    if (nodes === 'Ready\nReady') return;
    await wait(POLL_MS);
  }
}

/** What a command in a container prints, as a script would run it. */
export async function runInContainer(docker: Docker, id: string, command: string): Promise<string> {
  const { stream, exec } = await startExec(docker.getContainer(id), { Cmd: ['bash', '-c', command] });
  const [stdout, stderr] = [new BoundedText(64 * 1024), new BoundedText(64 * 1024)];
  await demultiplex(stream, stdout.sink, stderr.sink, docker);
  const { ExitCode } = await exec.inspect();
  if (ExitCode !== 0) throw new Error(`${command}: ${stdout.text}${stderr.text}`);
  return stdout.text.trim();
}
