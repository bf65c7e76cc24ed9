import type { Config } from '../config.ts';
import { beforeAbort } from '../engines/before-abort.ts';
import { dockerClient } from '../engines/docker-client.ts';
import type { ExternalAnswer } from '../engines/external/external-answer.ts';
import { externalEngine } from '../engines/external/external-engine.ts';
import { findExternal } from '../engines/external/find-external.ts';
import { ownerOf } from '../engines/owner.ts';
import type { Stage } from '../engines/stages.ts';
import { ensureSystemPrograms, type SystemPrograms } from '../engines/system-packages.ts';
import { UserError } from '../engines/user-error.ts';
import type { Ground } from '../images/ground.ts';
import { KERNEL_PROBE, type KernelFindings } from '../images/kernel-probe.ts';
import { baseTar, labImages } from '../images/prepare-images.ts';
import { SharedImages } from '../images/prepare-shared.ts';
import { digestOfFolder } from '../engines/cached-folder.ts';
import type { Slug } from '../protocol/index.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { LabError } from '../sessions/errors.ts';
import type { StartedEngine } from './engine-terms.ts';
import { forgetUsed, keepRefused, keepUsed, readRefused } from './external-record.ts';
import { leaveOtherEngines, requireNoLabsElsewhere } from './other-engines.ts';
import { canIsolate, externalLimits, lackingText, usingText } from './external-words.ts';
import type { LabEngineOptions } from './lab-engine.ts';
import { lackingImages } from './lacking-images.ts';

export const FIND_STAGE: Stage = {
  id: 'find',
  name: { en: 'Look for a Docker engine', 'zh-CN': '查找 Docker 引擎' },
};

/** What making a base image takes where no hub answers. */
const basePrograms = (isRoot: boolean): SystemPrograms => ({
  mmdebstrap: 'mmdebstrap',
  setpriv: 'util-linux',
  unshare: 'util-linux',
  ...(!isRoot && { newuidmap: 'uidmap', newgidmap: 'uidmap' }),
});

const EMBEDDED_INSTEAD = 'so labs run in a virtual machine of Drydock’s own';

/**
 * The Docker engine that was found, with all that labs need on it. Where there is none that will do: null, having said
 * why, or a UserError where it was asked for.
 */
export async function startExternalLab(
  name: string,
  options: LabEngineOptions,
): Promise<StartedEngine | null> {
  const { config, stages, announce } = options;
  const search = await stages.run(FIND_STAGE, ({ signal }) => findExternal({ signal }));
  if (search.state === 'none') {
    if (config.engine === 'auto') return null;
    throw new UserError(
      'No Docker engine was found. Start one, or name it with DOCKER_HOST; DRYDOCK_ENGINE=embedded needs none.',
    );
  }
  if (search.state === 'silent') {
    const found = `A Docker engine was looked for at ${search.places.join(', ')} and cannot be used (${search.reason})`;
    if (config.engine === 'external') {
      throw new UserError(`${found}. See to it, or set DRYDOCK_ENGINE=embedded, which needs none.`);
    }
    announce(`${found}, ${EMBEDDED_INSTEAD}.`);
    return null;
  }
  // An engine that hangs is not waited for by whoever wants to stop.
  return beforeAbort(stages.signal, useIfAble(search.engine, name, options));
}

async function useIfAble(
  found: ExternalAnswer,
  name: string,
  options: LabEngineOptions,
): Promise<StartedEngine | null> {
  const { config, scenarios, stages, announce } = options;
  if (found.os !== 'linux') return refuse(config, announce, found, `it runs ${found.os} containers`);
  const { cache } = config;
  const key = await externalKey(found);
  if (config.engine === 'auto') {
    const known = await readRefused(cache, key);
    const reason = known === null ? null : whyNot(known, options);
    if (reason !== null) return refuse(config, announce, found, reason);
  }
  await requireNoLabsElsewhere(found, name, options);
  announce(usingText(found));
  const docker = dockerClient(found);
  const owner = await ownerOf(cache);
  const recipes = [...scenarios].flatMap((scenario) => scenario.images);
  const there = new Set((await labImages(cache, recipes)).inputs);
  const images = await SharedImages.of({
    docker,
    owner,
    architecture: found.architecture,
    recipes,
    stages,
    makeBase: async (work) => {
      const { setup } = config;
      await ensureSystemPrograms(basePrograms(options.isRoot), {
        setup,
        isRoot: options.isRoot,
        announce,
        onLine: work.onLine,
      });
      return baseTar(cache, work);
    },
  });
  await leaveOtherEngines(found, name, options);
  // From here on there may be something of Drydock's on it.
  await keepUsed(cache, { engine: found, owner, ground: null });
  const findings = await images.lookAtKernel();
  const reason = whyNot(findings, options);
  if (reason !== null) {
    await requireNoLabsElsewhere('own', name, options);
    await images.remove();
    await forgetUsed(cache, found);
    await keepRefused(cache, key, findings);
    return refuse(config, announce, found, reason);
  }
  const engine = await externalEngine(found, owner);
  const ground = await images.prepare(networkOf(found), config.egress ? config.subnets : null);
  await keepUsed(cache, { engine: found, owner, ground });
  return {
    ...engine,
    ground,
    own: false,
    outdated: false,
    lacking: async (asked) => {
      const all = [...asked];
      return new Map([...(await lackingImages(cache, there, all, false)), ...lackedBy(findings, all)]);
    },
    limits: externalLimits(found, config.egress),
  };
}

/** A network that leads nowhere, and has no address of the engine's machine on it where the engine can do without. */
const networkOf = (found: ExternalAnswer): Ground['network'] => ({
  Internal: true,
  Options: canIsolate(found) ? { 'com.docker.network.bridge.gateway_mode_ipv4': 'isolated' } : {},
});

/** Why an engine is not used; null where it is. One that was asked for only has to run a host at all. */
function whyNot({ hosts, needs }: KernelFindings, { config, scenarios }: LabEngineOptions): string | null {
  const wanted = [...new Set([...scenarios].flatMap((scenario) => scenario.needs))];
  const lacks = [...hosts, ...(config.engine === 'auto' ? wanted.flatMap((need) => needs[need] ?? []) : [])];
  return lacks.length === 0 ? null : `its kernel lacks ${lacks.join(', ')} for labs`;
}

function refuse(
  config: Config,
  announce: (message: string) => void,
  { environment, version }: ExternalAnswer,
  reason: string,
): null {
  const which = `The Docker engine ${version} at ${environment.DOCKER_HOST}`;
  if (config.engine === 'external') {
    throw new UserError(
      `${which} cannot run labs: ${reason}. Set DRYDOCK_ENGINE=embedded, which needs none.`,
    );
  }
  announce(`${which} is not used, as ${reason}, ${EMBEDDED_INSTEAD}.`);
  return null;
}

/** What a finding about an engine's kernel holds for. */
export const externalKey = async ({ id, kernel, version }: ExternalAnswer): Promise<string> =>
  [id, kernel, version, await digestOfFolder(KERNEL_PROBE.context)].join(' ');

/** The scenarios that a kernel lacks something for. */
function lackedBy({ needs: missing }: KernelFindings, scenarios: Iterable<Scenario>): Map<Slug, LabError> {
  const lacks = new Map<Slug, LabError>();
  for (const { slug, needs } of scenarios) {
    for (const need of needs) {
      const features = missing[need];
      if (features === undefined) continue;
      lacks.set(slug, new LabError('scenario_unavailable', lackingText(need, features)));
    }
  }
  return lacks;
}
