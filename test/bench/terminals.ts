import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildPage } from '../../server/cli/build-page.ts';
import { openBrowser } from '../support/browser.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Group } from './bench.ts';
import { startPeer, type PeerProcess } from './peer-process.ts';
import type { Row } from './row.ts';
import { cutRows } from './terminals/cuts.ts';
import { drawingRows } from './terminals/drawing.ts';
import { openDrydockPage } from './terminals/drydock-shell.ts';
import { echoBesideRow, echoRows } from './terminals/echo.ts';
import { exitContent, exitRow } from './terminals/exits.ts';
import { interruptRow, transferRow } from './terminals/far-link.ts';
import { idleSocketsRow } from './terminals/idle-sockets.ts';
import { openRawShell } from './terminals/raw-shell.ts';
import { stoppedViewerRows } from './terminals/stopped-viewer.ts';
import { throughputRows } from './terminals/throughput.ts';
import { startWetty } from './terminals/wetty.ts';

const DESK_SERVER = join(import.meta.dirname, 'terminals/desk-server.ts');
const MINUTE = 60_000;

/** Rows of terminals on this machine's own shells, with a server in a process of its own. */
export async function measureTerminals(root: string, group: Group): Promise<void> {
  const { say } = group;
  await using folder = await temporaryFolder();
  const onServer = async (
    part: string,
    limitMs: number,
    work: (server: PeerProcess) => Promise<readonly Row[]>,
    words: readonly string[] = [],
  ) => {
    if (!group.wants(part)) return;
    await using server = await startPeer(DESK_SERVER, words);
    await group.measure(part, limitMs, () => work(server));
  };
  if (group.wants('throughput', 'echo')) {
    say('Install and start wetty');
    await using wetty = await startWetty();
    await onServer('throughput', 5 * MINUTE, async (server) => {
      using page = await openDrydockPage(server.url, 'desk');
      await using ours = page.shell('host01');
      await using raw = openRawShell();
      await using theirs = await wetty.shell();
      return await throughputRows({ ours, raw, wetty: theirs }, folder.path, say);
    });
    await onServer('echo', 3 * MINUTE, async (server) => {
      using page = await openDrydockPage(server.url, 'desk');
      await using ours = page.shell('host01');
      await using theirs = await wetty.shell();
      const alone = await echoRows(ours, theirs, say);
      await using neighbour = page.shell('host02');
      const besideOne = await echoBesideRow(ours, [neighbour], 10, say);
      const more = [];
      for (const host of ['host01', 'host01', 'host02', 'host02'] as const) more.push(await page.open(host));
      const neighbours = [neighbour, ...more.map((id) => page.shell(id))];
      return [...alone, besideOne, await echoBesideRow(ours, neighbours, 25, say)];
    });
  }
  await onServer('far-link', 2 * MINUTE, async (server) => [await transferRow(server, folder.path, say)]);
  await onServer('interrupt', 2 * MINUTE, async (server) => [await interruptRow(server, say)]);
  await onServer('stopped', 2 * MINUTE, (server) => stoppedViewerRows(server, say));
  await onServer('idle', 3 * MINUTE, async (server) => [await idleSocketsRow(server, say)]);
  await onServer('cuts', 5 * MINUTE, (server) => cutRows(server, folder.path, say));
  await onServer('exits', 5 * MINUTE, async (server) => {
    using page = await openDrydockPage(server.url, 'desk');
    const content = exitContent();
    const file = join(folder.path, 'exit');
    await writeFile(file, content);
    await using shell = page.shell('host02');
    return [await exitRow('local shell', shell, file, content, say)];
  });
  if (!group.wants('drawing')) return;
  const webRoot = await buildPage(root, {
    onLine: () => undefined,
    signal: AbortSignal.timeout(2 * MINUTE),
  });
  await using browser = await openBrowser();
  await onServer('drawing', 5 * MINUTE, (server) => drawingRows(server, browser, folder.path, say), [
    webRoot,
  ]);
}
