import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { asRoot, isRoot } from '../as-root.ts';
import { dockerClient } from '../docker-client.ts';
import type { BuildEngine } from '../engine.ts';
import { openForwardProxy } from '../forward-proxy.ts';
import { packageProxies } from '../proxies.ts';
import { requireBuildPower } from '../user-namespace.ts';
import { untilEngineAnswers } from './until-engine-answers.ts';
import { GUEST_FILES } from './guest-root.ts';

/** Where `guest/native-engine` lets containers reach the proxy that is on a socket. */
const RELAY = 'http://127.0.0.1:3128';

/**
 * What a native engine's containers see of a network. `machine`: this machine's own, on which alone images can be
 * built; the engine changes nothing of it. `own`: networks of the engine's, in a namespace that leads nowhere.
 */
export type NativeNetwork = 'machine' | 'own';

const OPTIONS: Readonly<Record<NativeNetwork, readonly string[]>> = {
  machine: ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'],
  own: ['--userland-proxy=false'],
};

/**
 * The guest's Docker engine, run on this machine's own kernel while the guest is being built: what it builds
 * into `data` is what the guest finds at its first boot. Disposing it ends it and all it runs.
 *
 * @param root the guest's file system, which is not changed
 * @param data the folder that becomes the guest's /var/lib/docker
 * @param signal ends it at once, so that what is being done on it fails
 */
export async function startNativeEngine(
  root: string,
  data: string,
  signal: AbortSignal,
  network: NativeNetwork = 'machine',
): Promise<BuildEngine> {
  await requireBuildPower();
  await using around = new AsyncDisposableStack();
  // Not below the cache: a socket's path may have 107 characters at most.
  const socketFolder = await mkdtemp(join(tmpdir(), 'drydock-'));
  around.defer(() => rm(socketFolder, { recursive: true, force: true }));
  const proxies = await packageProxies();
  // A user may give containers a network only where that is the user's, and such a network leads nowhere by itself.
  const ownNetwork = !isRoot();
  if (ownNetwork) around.use(await openForwardProxy(join(socketFolder, 'proxy.sock'), proxies));
  const script = join(GUEST_FILES, 'native-engine');
  const net = ownNetwork || network === 'own' ? ['--net'] : [];
  const [program, ...args] = asRoot(['sh', script, root, data, socketFolder, ...OPTIONS[network]], {
    namespaces: ['--mount', '--pid', ...net, '--fork', '--kill-child=KILL'],
    endedBy: 'KILL',
  });
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const keep = (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-4000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = once(child, 'exit');
  const died = new AbortController();
  const engine: BuildEngine = {
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    failed: died.signal,
    proxies: ownNetwork ? { http_proxy: RELAY, https_proxy: RELAY } : proxies,
    environment: { DOCKER_HOST: `unix://${join(socketFolder, 'docker.sock')}` },
    async [Symbol.asyncDispose]() {
      signal.removeEventListener('abort', kill);
      // `unshare` itself holds signals back; its only child is the engine, the namespace's first process.
      const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').catch(
        () => '',
      );
      for (const pid of children.trim().split(' ').filter(Boolean)) process.kill(Number(pid), 'SIGTERM');
      await ended;
      await owned.disposeAsync();
    },
  };
  const owned = around.move();
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  void ended.then(() => died.abort(new Error(`The guest's Docker engine did not start here.\n${printed}`)));
  try {
    await untilEngineAnswers(
      dockerClient(engine),
      AbortSignal.any([signal, died.signal, AbortSignal.timeout(60_000)]),
    );
    return engine;
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}
