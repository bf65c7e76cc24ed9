import { readFile } from 'node:fs/promises';
import headless from '@xterm/headless';
import type { Browser, Page } from 'playwright-core';
import { runProgram } from '../../../server/engines/run-program.ts';
import type { PeerProcess } from '../peer-process.ts';
import { compared, measured, type Row } from '../row.ts';

const ROUNDS = 5;
/** As the page keeps. */
const SCROLLBACK = 10_000;
/** Bytes that are given to be parsed at a time. */
const PIECE = 64 * 1024;
/** 300 folders of 300 files: 6 MB, some 90,000 lines. */
const TREE = `
mkdir "$1/tree" && cd "$1/tree"
for folder in $(seq -w 300); do
  mkdir "chapter-$folder" && (cd "chapter-$folder" && seq -f 'notes-of-lesson-%03g.txt' 300 | xargs touch)
done
cd .. && ls -lR tree > listing`;

type Drawn = { seconds: number; longestMs: number };

/**
 * How a page in Chromium draws what `ls -lR` prints of a large tree, beside what xterm takes to parse it without any page.
 * The listing is made before: walking the tree is no work of a terminal's.
 */
export async function drawingRows(
  server: PeerProcess,
  browser: Browser,
  folder: string,
  say: (text: string) => void,
): Promise<Row[]> {
  say(`ls -lR of a large tree in Chromium, ${ROUNDS} rounds`);
  await runProgram('bash', ['-ec', TREE, 'bash', folder]);
  const page = await openTerminal(browser, server.url);
  await page.keyboard.type(`stty size > ${folder}/size; clear; echo ready''-now\n`);
  await untilShown(page, 'ready-now');
  const [rows = 24, cols = 80] = (await readFile(`${folder}/size`, 'utf8')).split(' ').map(Number);
  // As the terminal hands it on.
  const bytes = Buffer.from((await readFile(`${folder}/listing`, 'latin1')).replaceAll('\n', '\r\n'));
  const drawn: Drawn[] = [];
  const parsed: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    parsed.push(await secondsToParse(bytes, { rows, cols }));
    drawn.push(
      await draw(page, `cat ${folder}/listing; echo round-''${round}-drawn`, `round-${round}-drawn`),
    );
  }
  await page.context().close();
  const longest = drawn.map(({ longestMs }) => longestMs);
  const megabytes = (bytes.length / 1e6).toFixed(1);
  return [
    {
      ...measured(
        'from frame to frame in Chromium while it draws ls -lR, at most',
        'ms',
        [Math.max(...longest)],
        50,
      ),
      rounds: longest,
    },
    compared(
      `${megabytes} MB of ls -lR drawn in Chromium; parsed by headless xterm`,
      's',
      drawn.map(({ seconds }) => seconds),
      parsed,
      1 / 0.8,
    ),
  ];
}

/** The page of a lab that has been started, with the keyboard in host01's terminal. */
async function openTerminal(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${url}/labs/desk`);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await untilShown(page, '$');
  await page.locator('#pane-host01 .xterm-helper-textarea').focus();
  return page;
}

async function untilShown(page: Page, text: string): Promise<void> {
  await page.locator('#pane-host01 .xterm-rows', { hasText: text }).waitFor();
}

/** From Enter behind a command until a text is on the screen. */
async function draw(page: Page, command: string, end: string): Promise<Drawn> {
  await page.keyboard.type(command);
  const watch = await page.evaluateHandle((wanted) => {
    const pressed = new Promise<number>((resolve) => {
      const options = { capture: true, once: true };
      addEventListener('keydown', () => resolve(performance.now()), options);
    });
    const frame = () => new Promise<number>(requestAnimationFrame);
    const untilDrawn = async () => {
      const began = await pressed;
      let longestMs = 0;
      for (let last = await frame(); ;) {
        const now = await frame();
        longestMs = Math.max(longestMs, now - last);
        last = now;
        if (document.querySelector('#pane-host01 .xterm-rows')?.textContent?.includes(wanted)) {
          return { seconds: (performance.now() - began) / 1000, longestMs };
        }
      }
    };
    return { drawn: untilDrawn() };
  }, end);
  await page.keyboard.press('Enter');
  return watch.evaluate(({ drawn }) => drawn);
}

async function secondsToParse(bytes: Buffer, size: { rows: number; cols: number }): Promise<number> {
  const terminal = new headless.Terminal({ ...size, scrollback: SCROLLBACK, allowProposedApi: true });
  const began = performance.now();
  for (let at = 0; at + PIECE < bytes.length; at += PIECE) terminal.write(bytes.subarray(at, at + PIECE));
  const last = bytes.subarray(Math.floor((bytes.length - 1) / PIECE) * PIECE);
  await new Promise<void>((resolve) => terminal.write(last, resolve));
  const seconds = (performance.now() - began) / 1000;
  terminal.dispose();
  return seconds;
}
