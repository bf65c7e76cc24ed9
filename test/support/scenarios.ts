import { createPage } from '../../server/scenarios/page.ts';
import type { CommandBlock, Page, Scenario, Step } from '../../server/scenarios/scenario.ts';

/** A page in memory, of one paragraph. */
export const page = (text: string, blocks: readonly CommandBlock[] = []): Page =>
  createPage({ en: `<p>${text}</p>` }, blocks);

/** A step with so many checks, all of the validator `always`. */
export const step = (id: string, checks: number, content: Page = page(`text of ${id}`)): Step => ({
  id,
  title: { en: `Step ${id}` },
  page: content,
  checks: Array.from({ length: checks }, (_, i) => ({
    validator: 'always',
    params: {},
    title: { en: `check ${i + 1} of ${id}` },
    files: new Map(),
  })),
  restsOn: [],
  mutations: [],
});

/** Two hosts, two steps, of which the first has commands for either host. */
export const twoStepScenario: Scenario = {
  slug: 'two-steps',
  title: { en: 'Two steps', 'zh-CN': '两步' },
  summary: { en: 'A lab for tests' },
  minutes: 5,
  gating: 'strict',
  timeLimit: null,
  difficulty: null,
  hosts: ['host01', 'host02'],
  ownHosts: null,
  needs: [],
  images: [],
  assets: new Map(),
  intro: page('welcome'),
  steps: [
    step(
      'first',
      2,
      page('join [[HOST1_IP]]', [
        { id: 'b1', host: 'host01', interrupt: false, command: 'hostname' },
        { id: 'b2', host: 'host02', interrupt: true, command: 'join [[HOST1_IP]]\ndone' },
      ]),
    ),
    step(
      'second',
      1,
      page('the secret of step two', [{ id: 'b1', host: 'host01', interrupt: false, command: 'secret' }]),
    ),
  ],
  finish: page('well done'),
};

/** One step on the machine that the tests run on, with a command. */
export const deskLab: Scenario = {
  ...twoStepScenario,
  slug: 'desk',
  hosts: ['host01'],
  ownHosts: new Map([['host01', { kind: 'local' }]]),
  steps: [
    step(
      'first',
      0,
      page('ask', [{ id: 'b1', host: 'host01', interrupt: false, command: 'echo $((40 + 2))' }]),
    ),
  ],
};
