import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Row } from './row.ts';
import { cutRows } from './terminals/cuts.ts';
import { openDrydockPage } from './terminals/drydock-shell.ts';
import { echoBesideRow, echoRows } from './terminals/echo.ts';
import { exitContent, exitRow } from './terminals/exits.ts';
import { farLinkRows } from './terminals/far-link.ts';
import { startPeer } from './terminals/peer-process.ts';
import { idleSocketsRow } from './terminals/idle-sockets.ts';
import { openRawShell } from './terminals/raw-shell.ts';
import { stoppedViewerRows } from './terminals/stopped-viewer.ts';
import { throughputRows } from './terminals/throughput.ts';
import { startWetty } from './terminals/wetty.ts';

const DESK_SERVER = join(import.meta.dirname, 'terminals/desk-server.ts');

/** Rows of terminals on this machine's own shells, with a server in a process of its own. */
export async function terminalRows(say: (text: string) => void): Promise<Row[]> {
  await using folder = await temporaryFolder();
  const serve = () => startPeer(DESK_SERVER);
  const rows: Row[] = [];
  {
    say('Install and start wetty');
    await using wetty = await startWetty();
    await using server = await serve();
    using page = await openDrydockPage(server.url, 'desk');
    await using ours = page.shell('host01');
    await using raw = openRawShell();
    await using theirs = await wetty.shell();
    rows.push(...(await throughputRows({ ours, raw, wetty: theirs }, folder.path, say)));
    rows.push(...(await echoRows(ours, theirs, say)));
    await using neighbour = page.shell('host02');
    rows.push(await echoBesideRow(ours, [neighbour], 10, say));
    const more = await Promise.all(
      (['host01', 'host01', 'host02', 'host02'] as const).map((host) => page.open(host)),
    );
    rows.push(await echoBesideRow(ours, [neighbour, ...more.map((id) => page.shell(id))], 25, say));
  }
  {
    await using server = await serve();
    rows.push(...(await farLinkRows(server, folder.path, say)));
    rows.push(...(await stoppedViewerRows(server, say)));
  }
  {
    await using server = await serve();
    rows.push(await idleSocketsRow(server, say));
  }
  await using server = await serve();
  rows.push(...(await cutRows(server, folder.path, say)));
  using page = await openDrydockPage(server.url, 'desk');
  const content = exitContent();
  const file = join(folder.path, 'exit');
  await writeFile(file, content);
  await using shell = page.shell('host02');
  rows.push(await exitRow('local shell', shell, file, content, say));
  return rows;
}
