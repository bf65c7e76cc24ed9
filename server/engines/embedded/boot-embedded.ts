import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { removeAbandoned } from '../cached-folder.ts';
import { dockerClient } from '../docker-client.ts';
import type { Engine } from '../engine.ts';
import { runProgram } from '../run-program.ts';
import type { EmbeddedBuild } from './build-embedded.ts';
import { makeCertificates } from './certificates.ts';
import type { Emulator } from './emulator.ts';
import { freePort } from './free-port.ts';
import { startMachine, type Machine } from './machine.ts';
import { UserError } from '../user-error.ts';
import { untilEngineAnswers } from './until-engine-answers.ts';

const BOOT_LIMIT_MS = 240_000;
const GIB = 2 ** 30;

/**
 * Start a built engine. It gets disks of its own above those that were built, certificates made on the spot,
 * and a port of 127.0.0.1; all of that goes when it is disposed.
 *
 * @param cache the folder that its files are in while it runs
 */
export async function bootEmbedded(
  cache: string,
  build: EmbeddedBuild,
  signal: AbortSignal,
): Promise<Engine> {
  await removeAbandoned(cache, 'run');
  const folder = join(cache, `run-${randomBytes(4).toString('hex')}.of-${process.pid}`);
  await mkdir(folder, { mode: 0o700 });
  let machine: Machine | undefined;
  const stop = async () => {
    await machine?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const disks = await Promise.all(build.disks.map((base) => makeOverlay(build.emulator, base, folder)));
    const client = await writeCertificates(folder);
    const port = await freePort();
    // Half of the machine's, within what the labs can use and what a small machine can spare.
    const memoryMiB = Math.round(Math.min(Math.max(totalmem() / 2, 2 * GIB), 8 * GIB) / 2 ** 20);
    machine = startMachine(build.emulator, {
      kernel: build.kernel,
      initrd: build.initrd,
      disks,
      secrets: join(folder, 'guest.tar'),
      console: join(folder, 'console.log'),
      cores: cpus().length,
      memoryMiB,
      port,
    });
    const engine: Engine = {
      memoryMiB,
      failed: machine.failed,
      environment: {
        DOCKER_HOST: `tcp://127.0.0.1:${port}`,
        DOCKER_TLS_VERIFY: '1',
        DOCKER_CERT_PATH: client,
      },
      [Symbol.asyncDispose]: stop,
    };
    const late = AbortSignal.timeout(BOOT_LIMIT_MS);
    try {
      await untilEngineAnswers(dockerClient(engine), AbortSignal.any([signal, machine.failed, late]));
    } catch (error) {
      if (error !== late.reason) throw error;
      throw new UserError(
        `The engine's virtual machine did not answer within ${BOOT_LIMIT_MS / 1000} seconds. Start Drydock again. Its console ended with:\n${await machine.consoleTail()}`,
      );
    }
    return engine;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A disk that begins as a copy of another and costs only what is written to it. */
async function makeOverlay(emulator: Emulator, base: string, folder: string): Promise<string> {
  const disk = join(folder, `${basename(base, '.raw')}.qcow2`);
  const [program = '', ...args] = emulator.command('qemu-img');
  await runProgram(program, [...args, 'create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', base, disk]);
  return disk;
}

/** Writes the client's certificates to a folder, which it returns, and the guest's to a tar for its disk. */
async function writeCertificates(folder: string): Promise<string> {
  const { ca, server, client } = await makeCertificates();
  const write = async (end: string, { cert, key }: { cert: string; key: string }) => {
    const target = join(folder, end);
    await mkdir(target, { mode: 0o700 });
    const files = { 'ca.pem': ca, 'cert.pem': cert, 'key.pem': key };
    await Promise.all(
      Object.entries(files).map(([name, text]) => writeFile(join(target, name), text, { mode: 0o600 })),
    );
    return target;
  };
  const guest = await write('guest', server);
  await runProgram('tar', ['-cf', join(folder, 'guest.tar'), '--mode=600', '-C', guest, '.']);
  await rm(guest, { recursive: true });
  return write('client', client);
}
