import { relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadScenarios } from '../../../server/scenarios/load-scenarios.ts';
import { GOOD, scenarioFolder } from './scenario-folder.ts';

async function load(mutations: string) {
  await using folder = await scenarioFolder({ lab: { ...GOOD, 'mutations.yaml': mutations } });
  const { scenarios, problems } = await loadScenarios(folder.path);
  const told = problems.map(
    ({ file, line, message }) => `${relative(`${folder.path}/lab`, file)}:${line} ${message}`,
  );
  return { mutations: scenarios.get('lab')?.steps.map((step) => step.mutations), told };
}

const ENTRY = `first:
  - name: host02 has left
    run: { host02: docker swarm leave, host01: docker node ls }
    undo: docker swarm join
    fails: swarm-joined
    because: is in no swarm
`;

describe('the wrong states that a scenario lists', () => {
  test('are those of its steps, with commands for the hosts that they name or for the first', async () => {
    const { mutations, told } = await load(ENTRY);
    expect(told).toEqual([]);
    expect(mutations).toEqual([
      [
        {
          name: 'host02 has left',
          run: [
            { host: 'host02', command: 'docker swarm leave' },
            { host: 'host01', command: 'docker node ls' },
          ],
          undo: [{ host: 'host01', command: 'docker swarm join' }],
          fails: 'swarm-joined',
          because: 'is in no swarm',
        },
      ],
    ]);
  });

  test.each([
    [
      'a step that is not there',
      'first:',
      'second:',
      ':1 second: there is no step “second”; known are first',
    ],
    [
      'a check that the step has not',
      'swarm-joined',
      'file-exists',
      ':5 first[0].fails: the step has no check',
    ],
    [
      'a host that the scenario has not',
      'host02: docker',
      'host03: docker',
      ':3 first[0].run.host03: the scenario has no',
    ],
    [
      'a key that nobody knows',
      'because:',
      'since:',
      'first[0].since: unknown key “since”; known are name, run, undo, fails, because',
    ],
    [
      'no undo',
      '    undo: docker swarm join\n',
      '',
      ':2 first[0].undo: must be a command for the first host, or',
    ],
    ['a name that is no text', 'host02 has left', '[1]', ':2 first[0].name: must be a text, not a list'],
    ['what is no YAML', 'first:', 'first: [', 'mutations.yaml:'],
  ])('with %s are a problem at its place', async (_name, from, to, expected) => {
    const { told } = await load(ENTRY.replace(from, to));
    expect(told.join('\n')).toContain(expected);
  });
});
