import type Docker from 'dockerode';
import type { ExecResult, ScriptOptions } from './cluster.ts';
import { outputOf } from './exec-stream.ts';
import { startHelper } from './helper.ts';

/** The file system of a host's first process, as the helper sees it. */
const HOST_ROOT = '/proc/1/root';

/** For a script whose owner was killed: nobody else would end it. */
const LONGEST_SECONDS = 120;

/** See `Host.runScript`. `container` is the host's. */
export async function runScriptBeside(
  docker: Docker,
  container: Docker.Container,
  script: string,
  { environment, ...options }: ScriptOptions,
): Promise<ExecResult> {
  const { signal } = options;
  signal.throwIfAborted();
  const { Id: host, Config } = await container.inspect();
  const variables = { ...environment, ROOT: HOST_ROOT, DOCKER_HOST: 'unix:///run/docker.sock' };
  await using helper = await startHelper(
    docker,
    { host, image: Config.Image, labels: Config.Labels },
    {
      Entrypoint: ['/usr/bin/timeout', '--kill-after=1', String(LONGEST_SECONDS)],
      Cmd: ['/usr/bin/bash', '--noprofile', '--norc', '-c', script, 'verify'],
      Env: Object.entries(variables).map(([name, value]) => `${name}=${value}`),
      HostConfig: {
        // The engine's socket, and what it has written.
        VolumesFrom: [`${host}:ro`],
        Tmpfs: { '/tmp': 'size=16m' },
        // To read all of the host's files.
        CapAdd: ['SYS_PTRACE', 'DAC_READ_SEARCH'],
      },
    },
    signal,
  );
  const output = await outputOf(helper.stream, docker, options);
  return { ...output, exitCode: await helper.exited };
}
