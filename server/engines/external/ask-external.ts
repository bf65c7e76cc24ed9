// A program: asks the engine that testcontainers finds what it is, and prints that as JSON. It is a process of its own
// because testcontainers finds an engine once a process, from variables, and waits for one that does not answer for ever.
import { homedir } from 'node:os';
import { z } from 'zod';
import { dockerContext } from './docker-context.ts';
import type { ExternalAnswer } from './external-answer.ts';

const Modem = z.object({
  socketPath: z.string().optional(),
  host: z.string().optional(),
  port: z.coerce.string().optional(),
  ca: z.unknown(),
});

const Info = z.object({
  ID: z.string().default(''),
  ServerVersion: z.string().default(''),
  OSType: z.string().default('linux'),
  Architecture: z.string().default(''),
  KernelVersion: z.string().default(''),
  MemTotal: z.number().default(0),
  NCPU: z.number().default(1),
  Driver: z.string().default(''),
  CgroupVersion: z.string().default('1'),
  SecurityOptions: z.array(z.string()).nullish(),
});

if (!process.env['DOCKER_HOST']) {
  Object.assign(process.env, await dockerContext(process.env, homedir()));
}
// Else it may run a container there to find out how ports are reached, of which labs have none.
process.env['TESTCONTAINERS_HOST_OVERRIDE'] = 'localhost';
const { getContainerRuntimeClient } = await import('testcontainers');
const { dockerode } = (await getContainerRuntimeClient()).container;
const modem = Modem.parse(dockerode.modem);
const info = Info.parse(await dockerode.info());
const { DOCKER_CERT_PATH } = process.env;
const secured = modem.ca !== undefined && DOCKER_CERT_PATH !== undefined;
const answer: ExternalAnswer = {
  environment: {
    DOCKER_HOST:
      modem.socketPath === undefined
        ? `tcp://${modem.host ?? 'localhost'}:${modem.port ?? '2375'}`
        : `unix://${modem.socketPath}`,
    ...(secured && { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH }),
  },
  id: info.ID,
  version: info.ServerVersion,
  os: info.OSType,
  architecture: info.Architecture,
  kernel: info.KernelVersion,
  memoryMiB: Math.round(info.MemTotal / 2 ** 20),
  cores: info.NCPU,
  storageDriver: info.Driver,
  cgroupVersion: info.CgroupVersion,
  rootless: info.SecurityOptions?.some((option) => option.includes('rootless')) === true,
};
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit());
