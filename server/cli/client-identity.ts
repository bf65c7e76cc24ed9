import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../engines/engine.ts';

/**
 * What the Docker client of this process knows an engine by. The client is made once, and can go on with another engine
 * only where that has the same.
 */
export async function clientIdentity({ environment }: Pick<Engine, 'environment'>): Promise<string> {
  const { DOCKER_HOST, DOCKER_CERT_PATH: certificates } = environment;
  if (certificates === undefined) return DOCKER_HOST;
  const files = await Promise.all(
    ['ca.pem', 'cert.pem'].map((name) => readFile(join(certificates, name), 'utf8')),
  );
  return [DOCKER_HOST, ...files].join('\n');
}
