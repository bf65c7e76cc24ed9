import { labelOf } from '../clusters/cluster-id.ts';
import { LABELS } from '../clusters/labels.ts';
import { answerLimit, beforeAbort } from '../engines/before-abort.ts';
import { dockerClient } from '../engines/docker-client.ts';
import { endEmbedded, engineBeside } from '../engines/embedded/start-embedded.ts';
import type { Engine } from '../engines/engine.ts';
import type { ExternalAnswer } from '../engines/external/external-answer.ts';
import { removeAllOf } from '../engines/external/external-engine.ts';
import { UserError } from '../engines/user-error.ts';
import { isSameEngine, readUsed } from './external-record.ts';
import type { LabEngineOptions } from './lab-engine.ts';

const ANSWER_LIMIT_MS = 10_000;
/** A start does not wait longer for another engine to be tidied. */
const REMOVE_LIMIT_MS = 30_000;

/** The engine that labs are to run on: one that was found, or Drydock's own. */
export type NextEngine = ExternalAnswer | 'own';

type Options = Pick<LabEngineOptions, 'config' | 'owned' | 'stages' | 'announce'>;

/** Refuse an engine while labs are open on another one, which would be lost to their learners and run on unowned. */
export async function requireNoLabsElsewhere(
  next: NextEngine,
  name: string,
  { config: { cache }, owned = new Set() }: Options,
): Promise<void> {
  if (owned.size === 0) return;
  const own = await engineBeside(cache, name);
  if (own !== null && next !== 'own') {
    await refuseIfOpen(own, owned, 'Drydock’s own engine', 'DRYDOCK_ENGINE=embedded');
  }
  const used = await readUsed(cache);
  if (used === null || (next !== 'own' && isSameEngine(used.engine, next))) return;
  const { DOCKER_HOST: address } = used.engine.environment;
  const settings = `DRYDOCK_ENGINE=external and DOCKER_HOST=${address}`;
  await refuseIfOpen(used.engine, owned, `the Docker engine at ${address}`, settings);
}

async function refuseIfOpen(
  engine: Pick<Engine, 'environment'>,
  owned: ReadonlySet<string>,
  where: string,
  settings: string,
): Promise<void> {
  const open = await openOn(engine, owned);
  if (open === 0) return;
  const found =
    open === null
      ? `Labs may be open on ${where}, which does not answer, and another engine does not have them.`
      : `Labs are open on ${where}, and another engine does not have them.`;
  throw new UserError(
    `${found} Start Drydock with ${settings} to go on with them, or end them with “npm run drydock -- down” and start again.`,
  );
}

/** How many of the clusters that labs are open on an engine has hosts of; null where it cannot be asked. */
async function openOn(
  engine: Pick<Engine, 'environment'>,
  owned: ReadonlySet<string>,
): Promise<number | null> {
  try {
    const filters = { label: [LABELS.host] };
    const asked = dockerClient(engine).listContainers({ all: true, filters });
    const hosts = await beforeAbort(answerLimit(ANSWER_LIMIT_MS), asked);
    const clusters = new Set(hosts.map(({ Labels }) => Labels[LABELS.cluster] ?? ''));
    return [...owned].filter((id) => clusters.has(labelOf(id))).length;
  } catch {
    // It hangs, or has ended with its labs; it may also come back with them.
    return null;
  }
}

/** End what runs for Drydock on another engine than labs are to run on, once it is known that no labs are open there. */
export async function leaveOtherEngines(
  next: NextEngine,
  name: string,
  { config: { cache }, stages, announce }: Options,
): Promise<void> {
  if (next !== 'own') await endEmbedded(cache, name, stages.signal);
  const used = await readUsed(cache);
  if (used === null || (next !== 'own' && isSameEngine(used.engine, next))) return;
  try {
    await removeAllOf(dockerClient(used.engine), used.owner, REMOVE_LIMIT_MS);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    announce(
      `What an earlier start has left on the Docker engine at ${used.engine.environment.DOCKER_HOST} could not be removed (${reason}). “npm run drydock -- down” tries again.`,
    );
  }
}
