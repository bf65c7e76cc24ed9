import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { exists } from '../cached-folder.ts';
import type { DockerEnvironment } from '../engine.ts';

const ClientConfig = z.object({ currentContext: z.string().optional() });
const ContextFile = z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string() }) }) });

/**
 * The engine of the Docker command line's context, which testcontainers does not know; null where it has none but the
 * default one.
 *
 * @param home the user's home folder
 */
export async function dockerContext(
  environment: NodeJS.ProcessEnv,
  home: string,
): Promise<DockerEnvironment | null> {
  const folder = environment['DOCKER_CONFIG'] || join(home, '.docker');
  const name = environment['DOCKER_CONTEXT'] || (await currentContext(folder));
  if (name === undefined || name === 'default') return null;
  const id = createHash('sha256').update(name).digest('hex');
  const file = join(folder, 'contexts/meta', id, 'meta.json');
  const { Endpoints } = ContextFile.parse(JSON.parse(await readFile(file, 'utf8')));
  const certificates = join(folder, 'contexts/tls', id, 'docker');
  const secured = await exists(join(certificates, 'cert.pem'));
  return {
    DOCKER_HOST: Endpoints.docker.Host,
    ...(secured && { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates }),
  };
}

async function currentContext(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, 'config.json'), 'utf8').catch(() => '{}');
  return ClientConfig.parse(JSON.parse(text)).currentContext;
}
