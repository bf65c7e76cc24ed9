import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Row } from './row.ts';
import { openDrydockPage } from './terminals/drydock-shell.ts';
import { echoBesideRow, echoRows } from './terminals/echo.ts';
import { startPeer } from './terminals/peer-process.ts';
import { openRawShell } from './terminals/raw-shell.ts';
import { throughputRows } from './terminals/throughput.ts';
import { startWetty } from './terminals/wetty.ts';

const DESK_SERVER = join(import.meta.dirname, 'terminals/desk-server.ts');

/** Rows of terminals on this machine's own shells. */
export async function terminalRows(say: (text: string) => void): Promise<Row[]> {
  say('Install and start wetty');
  await using wetty = await startWetty();
  await using server = await startPeer(DESK_SERVER);
  await using folder = await temporaryFolder();
  using page = await openDrydockPage(server.url, 'desk');
  await using ours = page.shell('host01');
  await using raw = openRawShell();
  await using theirs = await wetty.shell();
  const rows = await throughputRows({ ours, raw, wetty: theirs }, folder.path, say);
  rows.push(...(await echoRows(ours, theirs, say)));
  await using neighbour = page.shell('host02');
  rows.push(await echoBesideRow(ours, [neighbour], 10, say));
  return rows;
}
