import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import type { Engine } from './engine.ts';

/**
 * A client of one engine, from its DOCKER_* variables and not from the process's own: while the embedded
 * engine is being built, two engines are spoken to at once.
 */
export function dockerClient({ environment }: Pick<Engine, 'environment'>): Docker {
  const { DOCKER_HOST: address, DOCKER_CERT_PATH: certificates } = environment;
  const read = (name: string) =>
    certificates === undefined ? undefined : readFileSync(join(certificates, name));
  // The client takes what it is not given from the process: every setting is given, if only as undefined.
  if (address.startsWith('unix://')) {
    return new Docker({
      protocol: 'http',
      socketPath: address.slice('unix://'.length),
      host: undefined,
      port: undefined,
      ca: undefined,
      cert: undefined,
      key: undefined,
    });
  }
  const { hostname, port } = new URL(address);
  return new Docker({
    protocol: certificates === undefined ? 'http' : 'https',
    host: hostname,
    port,
    ca: read('ca.pem'),
    cert: read('cert.pem'),
    key: read('key.pem'),
  });
}
