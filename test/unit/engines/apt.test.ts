import { describe, expect, it } from 'vitest';
import { aptMirror } from '../../../server/engines/apt.ts';
import { UserError } from '../../../server/engines/user-error.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const MIRROR = 'http://mirror.example/debian';
const STANZA = `Types: deb\nURIs: ${MIRROR}\nSuites: trixie\nComponents: main\n`;

/** The mirror that apt is set up with by these files of its folder. */
async function mirrorOf(files: Record<string, string>): Promise<string> {
  await using folder = await temporaryFolder();
  await Promise.all(
    Object.entries(files).map(([name, text]) => folder.write(name, text.replaceAll('FOLDER', folder.path))),
  );
  // Awaited here: the folder goes with the end of this function.
  return await aptMirror(folder.path);
}

describe("the mirror of the machine's own apt", () => {
  it.each<[string, Record<string, string>]>([
    ['a line', { 'sources.list': `deb ${MIRROR} trixie main\n` }],
    ['a line with options', { 'sources.list': `deb [ arch=amd64 trusted=yes ] ${MIRROR} trixie main\n` }],
    ['a line of a part', { 'sources.list.d/debian.list': `\tdeb ${MIRROR} trixie main\n` }],
    ['a stanza', { 'sources.list.d/debian.sources': STANZA }],
    [
      'a stanza below another and with a comment',
      { 'sources.list.d/all.sources': `${STANZA.replace('/debian', '/security')}\n# ours\n${STANZA}` },
    ],
    [
      'several addresses',
      { 'sources.list.d/a.sources': STANZA.replace('URIs:', 'URIs: http://mirror.example/extra') },
    ],
    [
      'a file of mirrors',
      {
        'sources.list.d/debian.sources': STANZA.replace(MIRROR, 'mirror+file:FOLDER/mirrors/debian'),
        'mirrors/debian': `# nearest first\n${MIRROR}\tpriority:1\nhttp://far.example/debian\n`,
      },
    ],
    [
      'a file of mirrors, on a line',
      { 'sources.list': 'deb mirror+file:FOLDER/debian trixie main', debian: `${MIRROR}\n` },
    ],
  ])('is found in %s', async (_, files) => {
    expect(await mirrorOf(files)).toBe(MIRROR);
  });

  it('is the first of several, without those that apt does not install from', async () => {
    const mirror = await mirrorOf({
      'sources.list': [
        '# deb http://commented.example/debian trixie main',
        'deb cdrom:[Debian GNU/Linux 13]/debian trixie main',
        'deb-src http://sources.example/debian trixie main',
        'deb http://security.example/debian-security trixie-security main',
      ].join('\n'),
      'sources.list.d/a.list.save': 'deb http://saved.example/debian trixie main',
      'sources.list.d/b.sources': `${STANZA.replace('mirror.', 'disabled.')}Enabled: no\n`,
      'sources.list.d/c.sources': STANZA.replace('mirror.', 'source.').replace(
        'Types: deb',
        'Types: deb-src',
      ),
      'sources.list.d/d.sources': STANZA,
      'sources.list.d/e.list': 'deb http://last.example/debian trixie main',
    });
    expect(mirror).toBe(MIRROR);
  });

  it.each([
    ['with a part of its own', 'https://docker.example/linux/debian', 'trixie', 'stable'],
    ['with a suite of its own', 'https://caddy.example/public/deb/debian', 'any-version', 'main'],
    ['with a flat folder', 'https://flat.example/debian', './', ''],
    ['with a key of its own', 'https://wine.example/debian', 'trixie', 'main', '/etc/apt/keyrings/wine.gpg'],
  ])('is not taken for that of others who keep packages for Debian, %s', async (_, ...other) => {
    const [uri = '', suite = '', component = '', key] = other;
    const options = key === undefined ? '' : `[signed-by=${key}] `;
    const line = `deb ${options}${uri} ${suite} ${component}\n`;
    const fields = { Types: 'deb', URIs: uri, Suites: suite, Components: component, 'Signed-By': key ?? '' };
    const stanza = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
    const debian = `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${MIRROR} trixie main`;
    expect(await mirrorOf({ 'sources.list': `${line}${debian}` })).toBe(MIRROR);
    const files = { 'sources.list.d/a.sources': stanza.join(''), 'sources.list.d/b.sources': STANZA };
    expect(await mirrorOf(files)).toBe(MIRROR);
  });

  it.each<[string, Record<string, string>]>([
    ['there are no sources', {}],
    ['there are only others', { 'sources.list': 'deb http://mirror.example/ubuntu noble main' }],
  ])('is asked for, with what to do, when %s', async (_, files) => {
    const error: unknown = await mirrorOf(files).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toMatch(/add a "deb" line .*\/sources\.list and start again/);
  });
});
