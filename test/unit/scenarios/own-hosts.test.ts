import { describe, expect, test } from 'vitest';
import { loadScenarios } from '../../../server/scenarios/load-scenarios.ts';
import { GOOD, scenarioFolder } from './scenario-folder.ts';

/** A scenario on such hosts that has nothing wrong but what is in them. */
const on = (hosts: string, step = ''): Readonly<Record<string, string | undefined>> => ({
  'scenario.yaml': `title: { en: A lab }
summary: { en: Short }
minutes: 5
hosts: ${hosts}
intro: intro
steps:
  - id: first
    title: { en: First }
    text: step1
${step}finish: finish
`,
  'intro.md': 'Hello',
  'step1.md': 'Run `hostname`{{exec}}\n',
  'finish.md': 'Bye',
});

async function load(files: Readonly<Record<string, string | undefined>>) {
  await using folder = await scenarioFolder({ lab: files });
  const { scenarios, problems } = await loadScenarios(folder.path);
  return {
    scenario: scenarios.get('lab'),
    problems: problems.map(({ line, column, message }) => `${line}:${column} ${message}`),
  };
}

describe('hosts that exist already', () => {
  test('are this machine, and what ssh reaches', async () => {
    const { scenario, problems } = await load(on('[host01: local, host02: { ssh: ada@pi.example }]'));
    expect(problems).toEqual([]);
    expect(scenario?.hosts).toEqual(['host01', 'host02']);
    expect(scenario?.ownHosts).toEqual(
      new Map([
        ['host01', { kind: 'local' }],
        ['host02', { kind: 'ssh', destination: 'ada@pi.example' }],
      ]),
    );
    const made = await load(GOOD);
    expect(made.scenario?.ownHosts).toBeNull();
  });

  test.each([
    '-oProxyCommand=id@pi',
    'ada@-oProxyCommand=id',
    'pi',
    'ada@pi -p 1',
    'ada@pi;id',
    'ada@$(id)',
    'ada@pi:22',
    'a@b@c',
    '',
  ])('are not reached as %j, which ssh could take for something else', async (destination) => {
    const { problems } = await load(on(`[host01: { ssh: '${destination}' }]`));
    expect(problems).toEqual(['4:19 hosts[0].host01.ssh: must be user@name, as ssh takes it']);
  });

  test.each([
    ['[host01: remote]', /^4:9 hosts\[0\]: must be one of/],
    ['[desk: local]', /^4:9 hosts\[0\]: must be one of/],
    ['[host01: local, host01: local]', /^4:1 hosts: must not name a host twice/],
    ['[host01: local, host02]', /^4:1 hosts: must all be made by Drydock/],
  ])('are told where they are wrong: %s', async (hosts, told) => {
    const { problems } = await load(on(hosts));
    expect(problems).toEqual([expect.stringMatching(told)]);
  });

  test('have no checks, images, kernel features or addresses', async () => {
    const step = '    checks:\n      - file-exists: { host: host01, path: /root/a }\n';
    const files = on('[host01: local]\nneeds: [swarm]', step);
    const { problems } = await load({ ...files, 'step1.md': 'At [[HOST1_IP]]' });
    expect(problems).toEqual([
      expect.stringMatching(/^5:1 needs: is for hosts that Drydock makes/),
      expect.stringMatching(/^10:5 steps\[0\].text: machines that exist already have no address/),
      expect.stringMatching(/^11:5 steps\[0\].checks: nothing is looked at on machines/),
    ]);
  });
});
