import type { Browser, Page } from 'playwright-core';
import type { Locale, Slug, Verdict } from '../../server/protocol/index.ts';
import { LabError } from '../../server/sessions/errors.ts';
import type { Scenario } from '../../server/scenarios/scenario.ts';
import { accessWords } from '../../web/src/i18n/access.ts';
import { dictionaries } from '../../web/src/i18n/pick.ts';
import { cutLine } from '../support/cut-line.ts';
import { LabPage } from '../support/lab-page.ts';
import { passed } from '../support/scripted-checks.ts';
import { ACCESS_CODE } from '../support/test-access.ts';
import { startTestApp, type TestAppOptions } from '../support/test-app.ts';

const MINUTE = 60_000;
const SLUG = 'swarm-load-balancing';

/** What a state is reached with. */
export type Means = {
  browser: Browser;
  /** The folder of the built page. */
  page: string;
  scenarios: ReadonlyMap<Slug, Scenario>;
  locale: Locale;
};

/** A page in a state, with the server that it is of. */
export type Reached = AsyncDisposable & { page: Page };
export type State = (means: Means) => Promise<Reached>;

type App = Awaited<ReturnType<typeof startTestApp>>;
type Act = (stage: {
  app: App;
  lab: LabPage;
  words: (typeof dictionaries)[Locale];
  /** Another learner's browser. */
  another: () => Promise<LabPage>;
  locale: Locale;
}) => Promise<void>;

const notYet: Verdict = {
  outcome: 'fail',
  reason: {
    en: 'host02 is in no swarm; its engine says “inactive”',
    'zh-CN': 'host02 不在任何集群中；它的引擎报告“inactive”',
  },
  hint: {
    en: 'Run docker swarm join on host02, with the token that host01 gives.',
    'zh-CN': '在 host02 上运行 docker swarm join，令牌由 host01 给出。',
  },
};

const broken: Verdict = {
  outcome: 'error',
  reason: { en: 'host02’s engine does not answer', 'zh-CN': 'host02 的引擎没有响应' },
};

type Options = TestAppOptions | ((scenarios: Means['scenarios']) => TestAppOptions);

/** A state of a page at `path`, which `act` brings about. */
function state(path: string, act: Act, options: Options = {}): State {
  return async ({ browser, page, scenarios, locale }) => {
    const cleanUp = new AsyncDisposableStack();
    const app = cleanUp.use(
      await startTestApp({
        page,
        scenarios,
        ...(typeof options === 'function' ? options(scenarios) : options),
      }),
    );
    // The server waits for hosts that it has asked for.
    cleanUp.defer(() => app.provisioner.release());
    const visit = async (url: string): Promise<LabPage> => {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        locale,
        reducedMotion: 'reduce',
      });
      cleanUp.defer(() => context.close());
      const lab = new LabPage(await context.newPage());
      await lab.page.goto(url);
      return lab;
    };
    const lab = await visit(`${app.url}${path}`);
    const another = () => visit(`${app.url}/labs/${SLUG}`);
    await act({ app, lab, another, locale, words: dictionaries[locale] });
    return { page: lab.page, [Symbol.asyncDispose]: () => cleanUp.disposeAsync() };
  };
}

/** A state of the lab's page. */
const ofLab = (act: Act, options: Options = {}) => state(`/labs/${SLUG}`, act, options);
/** The same with the lab started and its terminals there. */
const ofTerminals = (act: Act, options: Options = {}) =>
  ofLab(async (stage) => {
    await begin(stage);
    await act(stage);
  }, options);

const begin: Act = async ({ lab, words }) => {
  await lab.button(words.lab.start).click();
  await lab.page.locator('#pane-host01 .xterm-helper-textarea').waitFor({ state: 'attached' });
};

/** Type what gives a terminal something to show. */
const type = async (lab: LabPage): Promise<void> => {
  await lab.type('host01', 'hostname\ncount 4\nhttp://172.30.0.11/\n');
};

/** Press Check and have it answered: the first check by `verdict`, the others as passed. */
async function check({ app, lab, words }: Parameters<Act>[0], verdict = passed): Promise<void> {
  const before = app.checks.runs.length;
  await lab.button(words.checks.check).click();
  await app.checks.untilAsked(before + 1);
  const { count } = app.checks.last;
  app.checks.last.answer(Array.from({ length: count }, (_, index) => (index === 0 ? verdict : passed)));
}

/** On a narrow window, the terminals are what is seen. */
async function narrowToTerminals({ page }: LabPage): Promise<void> {
  const wide = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.locator('.view-switch button').last().click();
  if (wide !== null) await page.setViewportSize(wide);
}

/** The engine is half-way there. */
function prepare({ engine }: App): void {
  engine.prepare({
    stages: [
      { id: 'guest', name: { en: 'Build the guest', 'zh-CN': '构建虚拟机系统' }, state: 'done' },
      { id: 'images', name: { en: 'Build the images of the labs', 'zh-CN': '构建实验镜像' }, state: 'now' },
      { id: 'boot', name: { en: 'Boot it', 'zh-CN': '启动虚拟机' }, state: 'to-come' },
    ],
    secondsLeft: 130,
  });
}

const heading = (lab: LabPage, name: string) => lab.page.getByRole('heading', { name }).waitFor();

/** More than are seen at once. */
function manyLabs(scenarios: Means['scenarios']): TestAppOptions {
  const copies = [1, 2, 3, 4].flatMap((copy) =>
    [...scenarios.values()].map((each): [Slug, Scenario] => {
      const slug = `${each.slug}-${copy}`;
      return [slug, { ...each, slug }];
    }),
  );
  return { scenarios: new Map(copies) };
}

/** The lab on two machines that exist already, which ssh does not get to. */
const onOwnHosts = (scenarios: Means['scenarios']): TestAppOptions => {
  const ownHosts = new Map(
    [1, 2].map((n) => [`host0${n}`, { kind: 'ssh', destination: `ada@desk${n}` }] as const),
  );
  const entries = [...scenarios].map(([slug, each]): [Slug, Scenario] => {
    if (slug !== SLUG) return [slug, each];
    return [slug, { ...each, ownHosts, steps: each.steps.map((step) => ({ ...step, checks: [] })) }];
  });
  const environment = { PATH: process.env['PATH'], HOME: '/nonexistent' };
  return { scenarios: new Map(entries), ownHosts: { allowed: ['ssh'], environment } };
};

export const STATES: Readonly<Record<string, State>> = {
  catalogue: state('/', async ({ lab, words }) => heading(lab, words.catalogue.title)),
  'catalogue-begun': state('/', async ({ app, lab, words }) => {
    await lab.page.goto(`${app.url}/labs/first-steps`);
    await lab.button(words.lab.start).click();
    await lab.page.locator('#pane-host01 .xterm-helper-textarea').waitFor({ state: 'attached' });
    app.openEngine({ lacks: new Map([[SLUG, new LabError('engine_outdated')]]) });
    await lab.page.goto(app.url);
    await heading(lab, words.catalogue.title);
  }),
  'catalogue-empty': state('/', async ({ lab, words }) => heading(lab, words.catalogue.title), {
    scenarios: new Map(),
  }),
  'catalogue-many': state('/', async ({ lab }) => lab.page.getByRole('searchbox').waitFor(), manyLabs),
  'catalogue-own-hosts': state(
    '/',
    async ({ lab, words }) => lab.page.getByText(words.catalogue.ownHosts).waitFor(),
    onOwnHosts,
  ),
  'own-hosts': ofLab(
    async ({ lab, words }) => lab.page.getByText(words.labOnOwnHosts.startLead()).waitFor(),
    onOwnHosts,
  ),
  'own-hosts-cut-off': ofTerminals(
    async ({ lab }) => lab.page.locator('#tab-host01.has-ended').waitFor(),
    onOwnHosts,
  ),
  'catalogue-none-found': state(
    '/',
    async ({ lab, words }) => {
      await lab.page.getByRole('searchbox').fill('kubernetes');
      await lab.page.getByText(words.catalogue.found(0)).first().waitFor();
    },
    manyLabs,
  ),
  'engine-prepared': state(
    '/',
    async ({ app, lab, words }) => {
      prepare(app);
      await lab.page.getByText(words.engine.preparing).waitFor();
    },
    { preparing: true },
  ),
  intro: ofLab(async ({ lab, words }) => lab.button(words.lab.start).waitFor()),
  'lab-prepared': ofLab(
    async ({ app, lab, words }) => {
      prepare(app);
      await lab.button(words.lab.start).click();
      await lab.page.getByText('host02').last().waitFor();
    },
    { preparing: true },
  ),
  'engine-failed': ofLab(
    async ({ app, lab, words }) => {
      await lab.button(words.lab.start).click();
      await lab.page.getByText('host02').last().waitFor();
      app.engine.fail({
        en: 'The disk under the cache folder is full.',
        'zh-CN': '缓存目录所在的磁盘已满。',
      });
      await heading(lab, words.engine.failedTitle);
    },
    { preparing: true },
  ),
  queue: ofLab(
    async ({ lab, words, another }) => {
      const other = await another();
      await other.button(words.lab.start).click();
      await other.page.locator('.xterm-helper-textarea').first().waitFor({ state: 'attached' });
      await lab.button(words.lab.start).click();
      await heading(lab, words.lab.queuedTitle(1));
    },
    { capacity: 1, terms: { queue: 3 } },
  ),
  provisioning: ofLab(async ({ app, lab, words }) => {
    app.provisioner.hold();
    await lab.button(words.lab.start).click();
    await heading(lab, words.lab.provisioningTitle);
  }),
  step: ofTerminals(async ({ lab }) => type(lab)),
  'step-terminals': ofTerminals(async ({ lab }) => {
    await type(lab);
    await narrowToTerminals(lab);
  }),
  checking: ofTerminals(async ({ app, lab, words }) => {
    await lab.button(words.checks.check).click();
    await app.checks.untilAsked(1);
  }),
  'not-yet': ofTerminals(async (stage) => {
    await type(stage.lab);
    await check(stage, notYet);
    await stage.lab.page.locator('.check-reason').first().scrollIntoViewIfNeeded();
  }),
  'cannot-check': ofTerminals(async (stage) => {
    const { lab, words } = stage;
    await check(stage, broken);
    await lab.page.getByText(words.checks.states.error).first().scrollIntoViewIfNeeded();
  }),
  passed: ofTerminals(async (stage) => {
    await check(stage);
    await stage.lab.page.locator('.check.is-pass').first().scrollIntoViewIfNeeded();
  }),
  finish: ofTerminals(async (stage) => {
    const { lab, words } = stage;
    for (let step = 0; step < 4; step += 1) {
      await check(stage);
      await lab.button(words.checks.next).click();
    }
    await lab.page.getByRole('region', { name: words.checks.taken }).waitFor();
  }),
  reset: ofTerminals(async ({ lab, words }) => {
    await lab.button(words.lab.reset).click();
    await lab.page.getByRole('dialog').waitFor();
  }),
  end: ofTerminals(async ({ lab, words }) => {
    await lab.button(words.lab.end).click();
    await lab.page.getByRole('dialog').waitFor();
  }),
  device: ofTerminals(async ({ lab, words }) => {
    await lab.button(words.common.otherDevice).click();
    await lab.page.getByRole('dialog').waitFor();
    await lab.page.locator('dialog code').first().waitFor();
  }),
  settings: ofTerminals(async ({ lab, words }) => {
    await narrowToTerminals(lab);
    await lab.button(words.terminals.settings).click();
  }),
  search: ofTerminals(async ({ lab }) => {
    await type(lab);
    await lab.page.keyboard.press('Control+f');
    await lab.page.getByRole('search').waitFor();
    await lab.page.keyboard.type('line');
  }),
  shells: ofTerminals(async ({ app, lab, words }) => {
    await lab.button(words.terminals.another('host01')).click();
    await lab.page.locator('#pane-host01-2 .xterm-helper-textarea').waitFor({ state: 'attached' });
    await lab.page.locator('#pane-host01-2.is-front .xterm-helper-textarea').focus();
    await lab.page.keyboard.type('hostname\n');
    app.provisioner.cluster.host('host02').pty.print('Compiling…\r\n');
    app.provisioner.cluster.host('host01').pty.end(0);
    await narrowToTerminals(lab);
  }),
  'near-end': ofTerminals(
    async ({ lab, words }) => {
      // The last quarter.
      await lab.page.getByText(words.lab.nearEnd).waitFor({ timeout: 2 * MINUTE });
    },
    { terms: { limit: { length: 1.5 * MINUTE, extensions: 2, extension: 30 * MINUTE } } },
  ),
  expired: ofTerminals(async ({ lab, words }) => heading(lab, words.lab.endings.expired.title), {
    terms: { limit: { length: 2500, extensions: 0, extension: MINUTE } },
  }),
  idle: ofTerminals(
    async ({ app, lab, words }) => {
      const url = lab.page.url();
      await lab.page.goto('about:blank');
      await app.log.until('session ended');
      await lab.page.goto(url);
      await heading(lab, words.lab.endings.idle.title);
    },
    { terms: { freezeAfter: 1000, reapAfter: 1000 } },
  ),
  ended: ofTerminals(async ({ lab, words }) => {
    await lab.button(words.lab.end).click();
    await lab.page.getByRole('dialog').getByRole('button', { name: words.lab.endConfirm }).click();
    await heading(lab, words.lab.endings.asked.title);
  }),
  'host-lost': ofTerminals(async ({ app, lab, words }) => {
    app.provisioner.cluster.lose.resolve('host02');
    await heading(lab, words.lab.failedTitle);
  }),
  'not-found': state('/nothing/here', async ({ lab, words }) => heading(lab, words.notFound.title)),
  'no-such-lab': state('/labs/none', async ({ lab, words }) => heading(lab, words.lab.notFoundTitle)),
  offline: async ({ locale, ...means }) => {
    const cleanUp = new AsyncDisposableStack();
    const { page: built, ...rest } = means;
    const app = cleanUp.use(await startTestApp({ page: built, scenarios: rest.scenarios }));
    const line = cleanUp.use(await cutLine(app.url));
    const page = await rest.browser.newPage({ locale, reducedMotion: 'reduce' });
    cleanUp.defer(() => page.context().close());
    const lab = new LabPage(page);
    await page.goto(`${line.url}/labs/${SLUG}`);
    const words = dictionaries[locale];
    await lab.button(words.lab.start).click();
    await page.locator('#pane-host01 .xterm-helper-textarea').waitFor({ state: 'attached' });
    await type(lab);
    line.cut();
    await page.getByText(words.lab.reconnecting).waitFor();
    return { page, [Symbol.asyncDispose]: () => cleanUp.disposeAsync() };
  },
  door: state('/', async ({ lab, locale }) => heading(lab, accessWords[locale].door.title), {
    site: { accessCode: ACCESS_CODE },
  }),
  'door-wrong': state(
    '/',
    async ({ lab, locale }) => {
      await lab.page.getByRole('textbox').fill('wrong-code-here');
      await lab.button(accessWords[locale].door.enter).click();
      await lab.page.getByRole('alert').waitFor();
    },
    { site: { accessCode: ACCESS_CODE } },
  ),
  join: state('/join', async ({ lab, locale }) => heading(lab, accessWords[locale].join.title)),
};
