import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  routes,
  type CatalogueEntry,
  type ScenarioView,
  type StepContent,
} from '../../server/protocol/index.ts';
import { ScenarioLibrary } from '../../server/scenarios/library.ts';
import { startTestApp } from '../support/test-app.ts';
import { DOT_SVG, GOOD, scenarioFolder } from '../unit/scenarios/scenario-folder.ts';

const WAIT = { timeout: 10_000, interval: 20 };
const LAB = {
  ...GOOD,
  'intro.md': 'See ![a dot](assets/dot.svg)',
  'assets/dot.svg': DOT_SVG,
};

/** The real server over a folder of labs that it follows, as `up` does. */
async function serveFolder() {
  await using owned = new AsyncDisposableStack();
  const folder = owned.use(await scenarioFolder({ lab: LAB }));
  const library = owned.use(await ScenarioLibrary.open([folder.path]));
  const app = owned.use(await startTestApp({ scenarios: library.scenarios }));
  library.watch({ onChange: (scenario) => app.sessions.revise(scenario) });
  const client = owned.use(app.client());
  const held = owned.move();
  const read = async <T>(path: string): Promise<T> => (await client.request<T>('GET', path)).body;
  return {
    client,
    write: (name: string, text: string) => folder.write(join('lab', name), text),
    remove: () => rm(join(folder.path, 'lab'), { recursive: true }),
    library,
    url: app.url,
    view: () => read<ScenarioView>(routes.scenario('lab')),
    list: () => read<CatalogueEntry[]>(routes.scenarios()),
    step: async (id: string) => (await read<StepContent>(routes.step('lab', id))).html?.en ?? '',
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

describe('a lab that is edited while it is open', () => {
  it('has its new text at the next look, and a command of the old one is not run any more', async () => {
    await using lab = await serveFolder();
    await lab.client.start();
    const before = await lab.step('first');
    const [block = ''] = /data-block="([^"]+)"/.exec(before)?.slice(1) ?? [];
    await lab.write(
      'step1.md',
      'Now `docker version`{{exec}}\n\n```\ncurl [[HOST2_IP]]\n```{{exec HOST2}}\n',
    );
    await lab.write(
      'step1.zh-CN.md',
      '`docker version`{{exec}}\n\n```\ncurl [[HOST2_IP]]\n```{{exec HOST2}}\n',
    );
    await expect.poll(() => lab.step('first'), WAIT).toContain('docker version');
    expect(await lab.client.runBlock('first', block)).toMatchObject({ error: 'block_not_found' });
  });

  it('keeps its steps where the author adds one, and gives it to whoever starts the lab anew', async () => {
    await using lab = await serveFolder();
    await lab.client.start();
    const more = '  - { id: more, title: { en: More, zh-CN: 更多 }, text: step1 }\nfinish: finish';
    await lab.write('finish.md', 'Good bye');
    await lab.write('scenario.yaml', (GOOD['scenario.yaml'] ?? '').replace('finish: finish', more));
    await expect.poll(() => lab.library.scenarios.get('lab')?.steps.length, WAIT).toBe(2);
    expect((await lab.view()).steps.map(({ id }) => id)).toEqual(['first']);
    await lab.client.request('DELETE', routes.session('lab'));
    expect((await lab.view()).steps.map(({ id }) => id)).toEqual(['first', 'more']);
  });

  it('stays what it was where it is broken, and goes on where it is removed, but cannot be started then', async () => {
    await using lab = await serveFolder();
    await lab.client.start();
    await lab.write('scenario.yaml', 'title: [');
    await expect.poll(() => lab.library.problems.length, WAIT).toBeGreaterThan(0);
    expect(await lab.list()).toHaveLength(1);
    await lab.remove();
    await expect.poll(lab.list, WAIT).toEqual([]);
    expect(await lab.step('first')).toContain('docker info');
    await lab.client.request('DELETE', routes.session('lab'));
    expect((await lab.client.request('POST', routes.session('lab'))).status).toBe(404);
  });
});

describe('a picture of a lab', () => {
  it('is given under the address that the text names, and can only be shown', async () => {
    await using lab = await serveFolder();
    const { intro } = await lab.view();
    const address = /src="([^"]+)"/.exec(intro.en ?? '')?.[1] ?? '';
    const answer = await fetch(new URL(address, lab.url));
    expect(await answer.text()).toBe(DOT_SVG);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': expect.stringContaining('image/svg+xml'),
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, max-age=31536000, immutable',
    });
  });

  it.each([
    'nothing.svg',
    '../scenario.yaml',
    '%2e%2e/scenario.yaml',
    '..%2fscenario.yaml',
    'dot.svg/',
    '',
    '__proto__',
  ])('is all that is given of its folder: not %j', async (name) => {
    await using lab = await serveFolder();
    const answer = await fetch(`${lab.url}/api/scenarios/lab/assets/${name}`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain('title:');
  });
});
