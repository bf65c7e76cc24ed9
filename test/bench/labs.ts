import { join } from 'node:path';
import { buildPage } from '../../server/cli/build-page.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { startPrivateEngine } from '../support/private-engine.ts';
import { crowdRows } from './labs/crowd.ts';
import { footprintRows } from './labs/footprint.ts';
import { hostContainer, hostStreamRow, secondsOf } from './labs/host-stream.ts';
import { startInBrowserRows } from './labs/start-in-browser.ts';
import type { Row } from './row.ts';
import { openDrydockPage } from './terminals/drydock-shell.ts';
import { exitContent, exitRow } from './terminals/exits.ts';
import { startPeer } from './terminals/peer-process.ts';

const LAB_SERVER = join(import.meta.dirname, 'labs/lab-server.ts');
const SLUG = 'swarm-load-balancing';
const SPARES = 8;
const CAPACITY = 12;
const EXIT_FILE = '/root/exit';

/** Rows of labs on this machine's own kernel, with a server in a process of its own. */
export async function labRows(root: string, say: (text: string) => void): Promise<Row[]> {
  await using engine = await startPrivateEngine();
  const docker = dockerClient(engine);
  const webRoot = await buildPage(root, {
    onLine: () => undefined,
    signal: AbortSignal.timeout(120_000),
  });
  // It finds the engine by what this process has in its environment.
  const serve = (capacity: number, spares: number) =>
    startPeer(LAB_SERVER, [SLUG, webRoot, `${capacity}`, `${spares}`]);
  const rows: Row[] = [];
  {
    await using server = await serve(1, 0);
    using page = await openDrydockPage(server.url, SLUG);
    await using shell = page.shell('host01');
    const host = await hostContainer(docker);
    rows.push(await hostStreamRow(host, shell, say));
    const content = exitContent();
    for (const half of [content.slice(0, content.length / 2), content.slice(content.length / 2)]) {
      await secondsOf(host, ['sh', '-c', `printf %s ${half} >> ${EXIT_FILE}`], 0);
    }
    rows.push(await exitRow("a lab's host", shell, EXIT_FILE, content, say));
  }
  {
    await using server = await serve(CAPACITY, SPARES);
    rows.push(...(await startInBrowserRows(server, SLUG, SPARES, say)));
    rows.push(...(await crowdRows(server, SLUG, say)));
  }
  await using server = await serve(CAPACITY, 0);
  rows.push(...(await footprintRows(server, SLUG, say)));
  return rows;
}
