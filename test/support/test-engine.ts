import { clientEnvironment } from '../../server/cli/client-environment.ts';
import { startLabEngine } from '../../server/cli/lab-engine.ts';
import type { Cluster } from '../../server/clusters/cluster.ts';
import { readConfig } from '../../server/config.ts';
import type { LabEngine } from '../../server/engines/engine.ts';
import { Stages } from '../../server/engines/stages.ts';
import type { HostName } from '../../server/protocol/index.ts';
import { ownScenarios } from './own-scenarios.ts';

const LIMIT_MS = 5 * 60_000;
/** Nobody renews the engine's lease in a test, on however slow a machine. */
const TESTS_LAST_SECONDS = 3600;

/** An embedded engine for the tests of one file, which from now on is the one that clusters are made on. */
export async function startTestEngine(): Promise<LabEngine> {
  const scenarios = await ownScenarios();
  const engine = await startLabEngine('test', {
    config: readConfig(process.env),
    scenarios: scenarios.values(),
    isRoot: process.getuid?.() === 0,
    announce: () => undefined,
    stages: new Stages(() => undefined, AbortSignal.timeout(LIMIT_MS)),
  });
  await engine.lease(TESTS_LAST_SECONDS);
  Object.assign(process.env, clientEnvironment(engine));
  // The spare cluster of its snapshot is nobody's here.
  const { reapClusters } = await import('../../server/clusters/reap.ts');
  await reapClusters(new Set(), engine.ground);
  return engine;
}

/** A cluster on the engine that was started before. */
export async function provisionTestCluster(hosts: readonly HostName[]): Promise<Cluster> {
  const { provisionCluster } = await import('../../server/clusters/provision.ts');
  return provisionCluster({ hosts }, () => undefined, AbortSignal.timeout(LIMIT_MS));
}
