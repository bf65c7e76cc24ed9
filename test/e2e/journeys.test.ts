import type Docker from 'dockerode';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostContainer, LABELS } from '../../server/clusters/labels.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { embeddedGround } from '../../server/images/ground.ts';
import type { StoredSession } from '../../server/sessions/store.ts';
import { focusOn, MINUTE, NARROW, terminal, usePages } from '../page/browsing.ts';
import { found } from '../support/axe.ts';
import { LabPage } from '../support/lab-page.ts';
import { serveLabs, type LabServerOptions } from '../support/own-lab-server.ts';
import { ownScenario } from '../support/own-scenarios.ts';
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts';
import { countPrompts } from '../support/received-output.ts';

const SLUG = 'first-steps';
const HOUR = 60 * MINUTE;
const LIMIT = { timeout: MINUTE };
const [FIRST, SECOND, THIRD] = [
  'From host to host over ssh',
  'A web server on host02',
  'A page of your own',
] as const;

const scenario = await ownScenario(SLUG);
const pages = usePages({ slug: SLUG });

let engine: PrivateEngine;
let docker: Docker;

beforeAll(async () => {
  engine = await startPrivateEngine();
  docker = dockerClient(engine);
}, 10 * MINUTE);

afterAll(() => engine?.[Symbol.asyncDispose](), MINUTE);

/** The real server with the built page, on the engine that all of these journeys share. */
const serve = (options: LabServerOptions = {}) => {
  const means = {
    ground: embeddedGround('unowned'),
    lacking: async () => new Map(),
    limits: [],
    runs: async () => true,
  };
  return serveLabs(means, [scenario], { page: pages.built, ...options });
};

/** The clusters that have a host on the engine. */
async function clusters(): Promise<string[]> {
  const hosts = await docker.listContainers({ all: true, filters: { label: [LABELS.host] } });
  return [...new Set(hosts.map(({ Labels }) => Labels[LABELS.cluster] ?? ''))].toSorted();
}

/** Wait until there are so many clusters; gives them. */
async function untilClusters(count: number): Promise<string[]> {
  await expect.poll(async () => (await clusters()).length, LIMIT).toBe(count);
  return clusters();
}

/** A learner's browser with the lab started and a prompt on both hosts. */
async function start(url: string, options?: Parameters<typeof pages.visit>[1]): Promise<LabPage> {
  const lab = await pages.visit(url, options);
  await lab.button('Start').click();
  await untilUp(lab);
  return lab;
}

/** Wait until a host's terminal shows a text. */
async function untilShown(lab: LabPage, host: string, text: string): Promise<void> {
  await expect.poll(async () => (await lab.rows(host)).join('\n'), LIMIT).toContain(text);
}

async function untilUp(lab: LabPage): Promise<void> {
  await lab.page.locator('#pane-host01 .xterm-rows').waitFor({ state: 'attached', timeout: MINUTE });
  await lab.look('Terminals');
  await lab.untilPrompts('host01', 1);
}

/** What a host's shell prints for a command that is typed into it. */
async function ask(lab: LabPage, host: string, command: string, answer: RegExp): Promise<void> {
  await lab.type(host, `${command}\n`);
  await lab.untilOutput(host, (text) => answer.test(text));
}

/** Run the step's commands, and go on once its checks have passed. */
async function pass(lab: LabPage, title: string): Promise<void> {
  await lab.untilTitle(title);
  await lab.runAll();
  await lab.look('Instructions');
  const verdicts = await lab.check();
  expect({ isOpen: await lab.button('Next').isEnabled(), verdicts }).toMatchObject({ isOpen: true });
  await lab.button('Next').click();
}

/** Go on with Tab until something has the focus, and press Enter there. */
async function press(page: Page, target: ReturnType<Page['locator']>): Promise<void> {
  await target.waitFor();
  for (let tabs = 0; tabs < 60 && !(await focusOn(target)()); tabs++) await page.keyboard.press('Tab');
  expect(await focusOn(target)()).toBe(true);
  await page.keyboard.press('Enter');
}

/** How many prompts a host's shell has shown, once it has shown more than so many. */
const prompts = async (lab: LabPage, host: string, past = 0) =>
  countPrompts(await lab.untilOutput(host, (text) => countPrompts(text) > past));

/** Press Reset, and choose what becomes of the progress. */
async function reset(lab: LabPage, choice: string): Promise<void> {
  await lab.button('Reset').click();
  const dialog = lab.page.getByRole('dialog', { name: 'Reset this lab?' });
  await dialog.getByLabel(choice).check();
  await dialog.getByRole('button', { name: 'Reset' }).click();
}

const station = ({ page }: LabPage, title: string) =>
  page.getByRole('navigation', { name: 'Progress' }).getByRole('button', { name: title });

test(
  'two tabs, a double click on Start and another device have one lab, and another visitor of its address another',
  async () => {
    await using server = await serve();
    const lab = await pages.visit(server.url);
    const tab = new LabPage(await lab.page.context().newPage());
    await tab.page.goto(lab.page.url());
    await tab.button('Start').waitFor();
    await lab.page.bringToFront();
    await lab.button('Start').dblclick();
    await untilUp(lab);
    await ask(lab, 'host01', 'touch /root/mine; echo "has $((40 + 2))"', /has 42/);
    // Nothing is drawn in a tab that nobody sees.
    await tab.page.bringToFront();
    await tab.button('Start').click();
    await untilShown(tab, 'host01', 'has 42');
    const [own] = await untilClusters(1);

    await lab.page.bringToFront();
    await lab.button('Continue on another device').click();
    const dialog = lab.page.getByRole('dialog');
    const code = await dialog.locator('.device-code').innerText();
    const device = await pages.visit(server.url, NARROW);
    await device.page.goto(`${server.url}/join`);
    await device.page.getByRole('textbox').fill(code);
    await device.button('Continue here').click();
    await device.page.getByRole('heading', { level: 1, name: 'Labs' }).waitFor();
    await device.page.getByRole('link', { name: 'First steps' }).click();
    await device.button('Terminals').click();
    await untilShown(device, 'host01', 'has 42');
    expect(await clusters()).toEqual([own]);

    const other = await pages.visit(lab.page.url().replace(`/labs/${SLUG}`, ''));
    await other.button('Start').click();
    await untilUp(other);
    await ask(other, 'host01', 'ls /root/mine', /No such file/);
    expect(await untilClusters(2)).toContain(own);
    await other.end();
    await expect.poll(clusters, LIMIT).toEqual([own]);
    await ask(device, 'host01', 'ls /root/mine && echo "has $((50 + 2))"', /has 52/);
  },
  2 * MINUTE,
);

test(
  'who comes where there is no place is next in the queue, and gets the lab by itself when the first ends',
  async () => {
    await using server = await serve({ capacity: 1, terms: { queue: 3 } });
    const one = await start(server.url);
    const [before] = await untilClusters(1);
    const two = await pages.visit(server.url);
    await two.button('Start').click();
    await two.page.getByRole('heading', { name: 'You are next in the queue' }).waitFor();
    await expect.poll(found(two)).toEqual([]);
    expect(await clusters()).toEqual([before]);
    await one.page.bringToFront();
    await one.end();
    await two.page.bringToFront();
    await untilUp(two);
    const [after] = await untilClusters(1);
    expect(after).not.toBe(before);
  },
  2 * MINUTE,
);

test(
  'a host that is killed is told of, and Reset gives fresh hosts with the steps that are done',
  async () => {
    await using server = await serve();
    const lab = await start(server.url);
    await lab.untilTitle(FIRST);
    expect(await station(lab, SECOND).isDisabled()).toBe(true);
    expect(await lab.button('Next').isDisabled()).toBe(true);
    await pass(lab, FIRST);
    await lab.untilTitle(SECOND);
    const [before = ''] = await untilClusters(1);
    await docker.getContainer(hostContainer(before, 'host02')).kill();
    await lab.page.getByText('host02 has stopped').waitFor(LIMIT);
    await expect.poll(found(lab)).toEqual([]);
    await reset(lab, 'Keep the steps that are done');
    await untilUp(lab);
    await lab.untilTitle(SECOND);
    const [after] = await untilClusters(1);
    expect(after).not.toBe(before);
    await ask(lab, 'host02', 'cat /root/note.txt', /No such file/);

    await reset(lab, 'Begin at the first step again');
    await lab.untilTitle(FIRST);
    await expect.poll(clusters, LIMIT).not.toContain(after);
    await untilUp(lab);
    await untilClusters(1);
    expect(await station(lab, SECOND).isDisabled()).toBe(true);
  },
  3 * MINUTE,
);

test(
  'a narrow window passes the whole lab, a half at a time, in two languages',
  async () => {
    await using server = await serve();
    const lab = await start(server.url, { ...NARROW, colorScheme: 'dark' });
    await lab.look('Instructions');
    await pass(lab, FIRST);
    await lab.untilTitle(SECOND);
    await lab.run(0);
    await lab.look('Instructions');
    await lab.button('中文').click();
    await lab.untilTitle('host02 上的 Web 服务器');
    const before = await prompts(lab, 'host01');
    await lab.page.locator('[data-block]').nth(1).getByRole('button', { name: '运行', exact: true }).click();
    await prompts(lab, 'host01', before);
    await lab.button('English').click();
    await lab.look('Instructions');
    await lab.untilTitle(SECOND);
    await lab.check();
    await lab.button('Next').click();
    await pass(lab, THIRD);
    await lab.untilTitle('Finish');
    await lab.page.getByText('You have finished this lab.').waitFor();
    await expect.poll(found(lab)).toEqual([]);
  },
  3 * MINUTE,
);

test(
  'time that runs out is warned of and can be extended, and at its end the hosts are gone',
  async () => {
    const terms = { limit: { length: 2 * HOUR, extensions: 1, extension: HOUR / 2 } };
    await using first = await serve({ terms });
    const lab = await start(first.url);
    await lab.page
      .getByRole('timer')
      .getByText(/^(2 h 0|1 h 59) min left$/)
      .waitFor();
    /** The server is away for so long, as its machine's clock then tells. */
    const away = async (server: Awaited<ReturnType<typeof serve>>, time: number) => {
      await server.leave();
      const earlier = ({ clock, ...kept }: StoredSession) => ({
        ...kept,
        clock: { ...clock, elapsed: clock.elapsed + time },
      });
      for (const kept of server.store.load()) server.store.save(earlier(kept));
      return serve({ terms, store: server.store, port: Number(new URL(server.url).port) });
    };
    await using second = await away(first, 2 * HOUR - 4 * MINUTE);
    await lab.page.getByText('The time for this lab is nearly over').waitFor(LIMIT);
    await expect.poll(found(lab)).toEqual([]);
    await lab.button('Extend').click();
    await lab.page
      .getByRole('timer')
      .getByText(/^3[34] min left$/)
      .waitFor();
    await untilClusters(1);
    await using _ = await away(second, 35 * MINUTE);
    await lab.page.getByRole('heading', { name: 'Your time is up' }).waitFor(LIMIT);
    await untilClusters(0);
  },
  3 * MINUTE,
);

test(
  'the keyboard alone passes the whole lab, from the catalogue to the finish',
  async () => {
    await using server = await serve();
    const lab = await pages.visit(server.url);
    const { page } = lab;
    await page.goto(server.url);
    await press(page, page.getByRole('link', { name: 'First steps' }));
    await press(page, lab.button('Start'));
    await untilUp(lab);
    for (const title of [FIRST, SECOND, THIRD]) {
      await lab.untilTitle(title);
      await lab.commands();
      for (const block of await page.locator('[data-block]').all()) {
        const host = (await block.getAttribute('data-host')) ?? '';
        const run = block.getByRole('button', { name: 'Run', exact: true });
        const before = await prompts(lab, host);
        await press(page, run);
        await expect.poll(focusOn(terminal(page, host))).toBe(true);
        const after = await prompts(lab, host, before);
        await page.keyboard.type('true\n');
        await prompts(lab, host, after);
        await page.keyboard.press('Control+F6');
        await expect.poll(focusOn(run)).toBe(true);
      }
      await press(page, lab.button('Check'));
      await expect.poll(() => lab.button('Next').isEnabled(), LIMIT).toBe(true);
      await press(page, lab.button('Next'));
    }
    await lab.untilTitle('Finish');
    await expect.poll(found(lab)).toEqual([]);
  },
  3 * MINUTE,
);
