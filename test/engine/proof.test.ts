import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../server/clusters/cluster.ts';
import { describeEnd } from '../../server/proof/describe-proof.ts';
import { mutate } from '../../server/proof/mutate.ts';
import { prove } from '../../server/proof/prove.ts';
import { Rehearsal } from '../../server/proof/rehearsal.ts';
import { loadScenarios } from '../../server/scenarios/load-scenarios.ts';
import { createPage } from '../../server/scenarios/page.ts';
import type { CheckSpec, CommandBlock, Mutation, Step } from '../../server/scenarios/scenario.ts';
import { ownScenarios } from '../support/own-scenarios.ts';
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts';
import { scenarioFolder } from '../unit/scenarios/scenario-folder.ts';

const MINUTE = 60_000;
const HOSTS = ['host01', 'host02'];
const limit = () => AbortSignal.timeout(2 * MINUTE);

const scenarios = await ownScenarios();
/** Those that run on any kernel. */
const withoutNeeds = [...scenarios.values()].filter(({ needs }) => needs.length === 0);

let engine: PrivateEngine;
let cluster: Cluster;

beforeAll(async () => {
  engine = await startPrivateEngine();
  const { provisionCluster } = await import('../../server/clusters/provision.ts');
  cluster = await provisionCluster({ hosts: HOSTS }, () => undefined, limit());
}, 10 * MINUTE);

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
}, MINUTE);

type Block = Partial<CommandBlock> & Pick<CommandBlock, 'command'>;

const fileExists = (path: string, text: string): CheckSpec => ({
  validator: 'file-exists',
  params: { host: 'host01', path, contains: text },
  title: { en: `${path} is there` },
  files: new Map(),
});

const stepOf = (blocks: readonly Block[], checks: readonly CheckSpec[] = []): Step => ({
  id: 'only',
  title: { en: 'The only step' },
  page: createPage(
    { en: '' },
    blocks.map((block, index) => ({ id: `b${index + 1}`, host: 'host01', interrupt: false, ...block })),
  ),
  checks,
  restsOn: [],
  mutations: [],
});

/** Without a folder of images. */
const MINE = `title: { en: Mine }
summary: { en: One step }
minutes: 5
hosts: [host01, host02]
images: [alpine]
intro: intro
steps:
  - id: only
    title: { en: Only }
    text: step
    checks:
      - file-exists: { host: host01, path: /root/said, contains: from host01 }
finish: finish
`;

const rehearse = () => new Rehearsal(cluster, { signal: limit(), locale: 'en' });

test.each(withoutNeeds.map((scenario) => [scenario.slug, scenario] as const))(
  'the scenario %s is proven, each step also on a cluster of its own',
  async (_slug, scenario) => {
    const { provisionCluster } = await import('../../server/clusters/provision.ts');
    const proof = await prove(scenario, {
      provision: provisionCluster,
      mutations: true,
      eachStep: true,
      signal: AbortSignal.timeout(4 * MINUTE),
      locale: 'en',
    });
    expect(describeEnd(proof, true)).toMatch(/ holds: \d+ steps, \d+ wrong states?, \d+ s\.\n$/);
    expect(proof.steps.map(({ id }) => id)).toEqual(scenario.steps.map(({ id }) => id));
    expect(proof.eachStep).toHaveLength(scenario.steps.length - 1);
    expect(proof.holds).toBe(true);
  },
  5 * MINUTE,
);

test(
  'a lab of an author’s own that names an image of Drydock’s labs alone has it on its hosts',
  async () => {
    await using folder = await scenarioFolder({
      mine: {
        'scenario.yaml': MINE,
        'intro.md': 'Hello',
        'step.md': '`docker run --rm --network none alpine echo "from $(hostname)" > /root/said`{{exec}}',
        'finish.md': 'Bye',
      },
    });
    const { scenarios: mine, problems } = await loadScenarios(folder.path);
    expect(problems).toEqual([]);
    const [only] = mine.get('mine')?.steps ?? [];
    await using rehearsal = rehearse();
    expect(only && (await rehearsal.prove(only))).toMatchObject({
      commands: [{ exitCode: 0 }],
      after: [{ verdict: { outcome: 'pass' } }],
      holds: true,
    });
  },
  2 * MINUTE,
);

test(
  'a step is proven by its own commands, typed whole as a click types them, on the hosts that they name',
  async () => {
    await using rehearsal = rehearse();
    const lines = [
      'for word in one two; do',
      '  echo "$word" >> /root/proven',
      'done',
      "cat >> /root/proven <<'END'",
      'three $HOME',
      '',
      'END',
      'ssh -n -o StrictHostKeyChecking=no [[HOST2_IP]] hostname >> /root/proven',
    ];
    const step = stepOf(
      [
        { command: lines.join('\n') },
        { command: 'hostname > /root/who', host: 'host02' },
        { command: 'false' },
      ],
      [fileExists('/root/proven', 'host02')],
    );
    const result = await rehearsal.prove(step);
    expect(result.before).toMatchObject([{ verdict: { outcome: 'fail' } }]);
    expect(result.commands.map(({ exitCode }) => exitCode)).toEqual([0, 0, 1]);
    expect(result.after).toMatchObject([{ verdict: { outcome: 'pass' } }]);
    expect(result.holds).toBe(true);
    const read = async (host: string, path: string) =>
      (await cluster.hosts.get(host)?.exec(['cat', path], { signal: limit() }))?.stdout;
    expect(await read('host01', '/root/proven')).toBe('one\ntwo\nthree $HOME\n\nhost02\n');
    expect(await read('host02', '/root/who')).toBe('host02\n');
  },
  2 * MINUTE,
);

test(
  'a step whose check holds before its commands have run does not hold, as it asks for nothing',
  async () => {
    await using rehearsal = rehearse();
    const result = await rehearsal.prove(stepOf([], [fileExists('/etc/hostname', 'host01')]));
    expect(result).toMatchObject({ before: [{ verdict: { outcome: 'pass' } }], holds: false });
  },
  MINUTE,
);

test(
  'a step whose commands do not make its check pass does not hold, and says what the check says',
  async () => {
    await using rehearsal = rehearse();
    const result = await rehearsal.prove(stepOf([{ command: 'true' }], [fileExists('/root/never', 'x')]));
    expect(result.holds).toBe(false);
    expect(result.after[0]?.verdict).toMatchObject({ outcome: 'fail', reason: { en: expect.any(String) } });
  },
  2 * MINUTE,
);

test(
  'a command that goes on is interrupted where the next one says so',
  async () => {
    await using rehearsal = rehearse();
    const commands = await rehearsal.run(
      stepOf([
        { command: 'ping -i 0.2 host02' },
        { command: 'echo after >> /root/interrupted', interrupt: true },
        { command: 'sleep 0.1; exit 3' },
      ]),
    );
    expect(commands).toMatchObject([
      { exitCode: null },
      { exitCode: 0 },
      { exitCode: null, problem: expect.stringMatching(/The shell had ended/) },
    ]);
  },
  MINUTE,
);

test(
  'a program that reads what was meant for the shell is a problem, not an end',
  async () => {
    await using rehearsal = new Rehearsal(cluster, { signal: limit(), locale: 'en', commandLimitMs: 3000 });
    const commands = await rehearsal.run(
      stepOf([{ command: 'cat > /dev/null\necho never' }, { command: 'true' }]),
    );
    expect(commands).toHaveLength(1);
    expect(commands[0]).toMatchObject({
      exitCode: null,
      problem: expect.stringMatching(/meant for the shell/),
    });
  },
  MINUTE,
);

test(
  'a wrong state must turn the check red that it names, for the reason that it names, and be undone',
  async () => {
    const check = fileExists('/root/state', 'right');
    const step = stepOf([{ command: 'echo right > /root/state' }], [check]);
    await using rehearsal = rehearse();
    await rehearsal.prove(step);
    const on = (command: string) => [{ host: 'host01', command }];
    const wrong: Mutation = {
      name: 'the file has gone',
      run: on('rm /root/state'),
      undo: on('echo right > /root/state'),
      fails: 'file-exists',
      because: '/root/state',
    };
    const context = { cluster, rehearsal, signal: limit() };
    expect(await mutate(step, wrong, context)).toMatchObject({ holds: true });
    const unnoticed = { ...wrong, name: 'nothing is wrong', run: on('true') };
    expect(await mutate(step, unnoticed, { ...context, settleLimitMs: 2000 })).toMatchObject({
      holds: false,
      wrong: [{ verdict: { outcome: 'pass' } }],
    });
    const broken = { ...wrong, name: 'its command fails', run: on('false') };
    expect(await mutate(step, broken, { ...context, settleLimitMs: 2000 })).toMatchObject({
      holds: false,
      problem: expect.stringContaining('ended with code 1'),
    });
  },
  2 * MINUTE,
);
