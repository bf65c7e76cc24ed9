import type Docker from 'dockerode';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostContainer, LABELS } from '../../server/clusters/labels.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { embeddedGround } from '../../server/images/ground.ts';
import { MINUTE, usePages } from '../page/browsing.ts';
import { found } from '../support/axe.ts';
import type { LabPage } from '../support/lab-page.ts';
import { serveLabs, type LabServerOptions } from '../support/own-lab-server.ts';
import { ownScenario } from '../support/own-scenarios.ts';
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts';

const SLUG = 'first-steps';
const LIMIT = { timeout: MINUTE };
const [FIRST, SECOND] = ['From host to host over ssh', 'A web server on host02'] as const;

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

async function untilUp(lab: LabPage): Promise<void> {
  await lab.page.locator('#pane-host01 .xterm-rows').waitFor({ state: 'attached', timeout: MINUTE });
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

/** Press Reset, and choose what becomes of the progress. */
async function reset(lab: LabPage, choice: string): Promise<void> {
  await lab.button('Reset').click();
  const dialog = lab.page.getByRole('dialog', { name: 'Reset this lab?' });
  await dialog.getByLabel(choice).check();
  await dialog.getByRole('button', { name: 'Reset' }).click();
}

const station = ({ page }: LabPage, title: string) =>
  page.getByRole('navigation', { name: 'Progress' }).getByRole('button', { name: title });

const accessible = (lab: LabPage) => expect.poll(found(lab), { timeout: 10_000 }).toEqual([]);

test(
  'who comes where there is no place is next in the queue, and gets the lab by itself when the first ends',
  async () => {
    await using server = await serve({ capacity: 1, terms: { queue: 3 } });
    const one = await start(server.url);
    const [before] = await untilClusters(1);
    const two = await pages.visit(server.url);
    await two.button('Start').click();
    await two.page.getByRole('heading', { name: 'You are next in the queue' }).waitFor();
    await accessible(two);
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
    await pass(lab, FIRST);
    await lab.untilTitle(SECOND);
    const [before = ''] = await untilClusters(1);
    await docker.getContainer(hostContainer(before, 'host02')).kill();
    await lab.page.getByText('host02 has stopped').waitFor(LIMIT);
    await accessible(lab);
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
