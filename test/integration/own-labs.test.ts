import { describe, expect, it } from 'vitest';
import { routes, type CatalogueEntry } from '../../server/protocol/index.ts';
import { drydock } from '../support/drydock-command.ts';
import { launchServer } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { GOOD, scenarioFolder } from '../unit/scenarios/scenario-folder.ts';

const NO_OWN = { DRYDOCK_OWN_LABS: 'off' };
/** A lab with an image that only Drydock's own have a folder for. */
const BORROWER = {
  ...GOOD,
  'scenario.yaml': (GOOD['scenario.yaml'] ?? '').replace('redis:alpine', 'alpine'),
  'images/redis/Dockerfile': undefined,
};

describe('a server without Drydock’s own labs', { timeout: 60_000 }, () => {
  it('serves an instructor’s alone, which may name the images of the others still', async () => {
    await using labs = await scenarioFolder({ mine: BORROWER });
    await using home = await temporaryFolder();
    // Its engine fails before anything is built, which the page says for a while.
    await home.write('.testcontainers.properties', 'tc.host=tcp://127.0.0.1:1\n');
    await using server = launchServer({
      HOME: home.path,
      DRYDOCK_CACHE: `${home.path}/cache`,
      DRYDOCK_SCENARIOS: labs.path,
      ...NO_OWN,
    });
    const url = await server.until(/^Open (http\S+)/m);
    const list = await fetch(url + routes.scenarios());
    const entries: CatalogueEntry[] = await list.json();
    expect(entries.map(({ slug }) => slug)).toEqual(['mine']);
    expect((await fetch(url + routes.scenario('mine'))).status).toBe(200);
    expect((await fetch(url + routes.scenario('first-steps'))).status).toBe(404);
  });

  it('is refused in a sentence where there are no others, or all of them have problems', async () => {
    await using labs = await scenarioFolder({ mine: { ...GOOD, 'intro.md': undefined } });
    await using empty = await temporaryFolder();
    const starts = [empty.path, labs.path].map(async (folder) => {
      await using cache = await temporaryFolder();
      return drydock(cache.path, ['up'], { environment: { ...NO_OWN, DRYDOCK_SCENARIOS: folder } });
    });
    const [none, faulty] = await Promise.all(starts);
    expect([none?.exitCode, none?.stderr.trim()]).toEqual([
      1,
      'There is no scenario: name the folder that yours are in by DRYDOCK_SCENARIOS, or set DRYDOCK_OWN_LABS=on for Drydock’s own.',
    ]);
    expect(faulty?.stdout).toContain('intro.md');
    expect([faulty?.exitCode, faulty?.stderr.trim()]).toEqual([
      1,
      'No scenario is without a problem, so that there is nothing to serve: mend what is named above.',
    ]);
  });
});
