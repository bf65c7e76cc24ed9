import { access } from 'node:fs/promises';
import { chromium, type Browser } from 'playwright-core';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** No sandbox, as tests may run as root; and no talk with anybody but the server under test. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The path of the system's own Chromium. */
export async function findBrowser(): Promise<string> {
  const found = await Promise.all(
    CANDIDATES.map((path) =>
      access(path).then(
        () => path,
        () => null,
      ),
    ),
  );
  const executablePath = found.find((path) => path !== null);
  if (executablePath === undefined)
    throw new Error('The browser tests need Chromium: apt-get install chromium');
  return executablePath;
}

export type BrowserOptions = {
  /** What runs it in another way. */
  executable?: string;
  /** More of them, where a test needs them. */
  flags?: readonly string[];
};

/** The system's own Chromium, headless. */
export async function openBrowser({ executable, flags = [] }: BrowserOptions = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: executable ?? (await findBrowser()),
    args: [...FLAGS, ...flags],
  });
}
