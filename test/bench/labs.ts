import { join } from 'node:path';
import { buildPage } from '../../server/cli/build-page.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { openBrowser } from '../support/browser.ts';
import { startPrivateEngine } from '../support/private-engine.ts';
import type { Group } from './bench.ts';
import { crowdRows } from './labs/crowd.ts';
import { footprintRows } from './labs/footprint.ts';
import { hostContainer, hostStreamRow, secondsOf } from './labs/host-stream.ts';
import { startInBrowserRows } from './labs/start-in-browser.ts';
import { startPeer } from './peer-process.ts';
import { openDrydockPage } from './terminals/drydock-shell.ts';
import { exitContent, exitRow } from './terminals/exits.ts';

const LAB_SERVER = join(import.meta.dirname, 'labs/lab-server.ts');
const SLUG = 'swarm-load-balancing';
const SPARES = 8;
const CAPACITY = 12;
const EXIT_FILE = '/root/exit';
const MINUTE = 60_000;

/** Rows of labs on this machine's own kernel, with a server in a process of its own. */
export async function measureLabs(root: string, group: Group): Promise<void> {
  const { say } = group;
  await using engine = await startPrivateEngine();
  const docker = dockerClient(engine);
  const webRoot = await buildPage(root, {
    onLine: () => undefined,
    signal: AbortSignal.timeout(2 * MINUTE),
  });
  // It finds the engine by what this process has in its environment.
  const serve = (capacity: number, spares: number) =>
    startPeer(LAB_SERVER, [SLUG, webRoot, `${capacity}`, `${spares}`]);
  if (group.wants('stream', 'exits')) {
    await using server = await serve(1, 0);
    using page = await openDrydockPage(server.url, SLUG);
    await using shell = page.shell('host01');
    const host = await hostContainer(docker);
    await group.measure('stream', 4 * MINUTE, async () => [await hostStreamRow(host, shell, say)]);
    await group.measure('exits', 5 * MINUTE, async () => {
      const content = exitContent();
      for (const half of [content.slice(0, content.length / 2), content.slice(content.length / 2)]) {
        await secondsOf(host, ['sh', '-c', `printf %s ${half} >> ${EXIT_FILE}`], 0);
      }
      return [await exitRow("a lab's host", shell, EXIT_FILE, content, say)];
    });
  }
  if (group.wants('start')) {
    await using server = await serve(CAPACITY, SPARES);
    await using browser = await openBrowser();
    await group.measure('start', 8 * MINUTE, () => startInBrowserRows(server, browser, SLUG, SPARES, say));
  }
  if (group.wants('crowd')) {
    await using server = await serve(CAPACITY, SPARES);
    await group.measure('crowd', 5 * MINUTE, () => crowdRows(server, SLUG, SPARES, say));
  }
  if (group.wants('footprint')) {
    await using server = await serve(CAPACITY, 0);
    await group.measure('footprint', 6 * MINUTE, () => footprintRows(server, SLUG, say));
  }
}
