import { join } from 'node:path';
import { exists } from '../../engines/cached-folder.ts';
import { UserError } from '../../engines/user-error.ts';
import { refuseOtherEngine } from '../refuse-other-engine.ts';
import { ok, problem, type Finding } from './finding.ts';

/** Docker engines that are not Drydock's, which it does not use, and a setting of others that would make it. */
export async function otherEngines(environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  const runtime = environment['XDG_RUNTIME_DIR'];
  const sockets = ['/var/run/docker.sock', ...(runtime ? [join(runtime, 'docker.sock')] : [])];
  const there = await Promise.all(sockets.map(exists));
  const found = [
    ...(environment['DOCKER_HOST'] ? ['DOCKER_HOST'] : []),
    ...sockets.filter((_, index) => there[index]),
  ];
  const message =
    found.length === 0
      ? 'No Docker engine of yours was found, and none is needed.'
      : `A Docker engine of yours was found (${found.join(', ')}); this version does not use it, and leaves it alone.`;
  return [ok('docker', message, { found }), await clientSettings()];
}

async function clientSettings(): Promise<Finding> {
  try {
    await refuseOtherEngine();
    return ok('testcontainers', 'No setting sends the labs to another engine.');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return problem('testcontainers', 'A setting sends the labs to another engine.', error.message);
  }
}
