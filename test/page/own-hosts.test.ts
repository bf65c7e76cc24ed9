import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadScenarios } from '../../server/scenarios/load-scenarios.ts';
import type { LabPage } from '../support/lab-page.ts';
import { sshMachine, type SshMachine } from '../support/ssh-server.ts';
import { scenarioFolder } from '../unit/scenarios/scenario-folder.ts';
import { focusOn, MINUTE, runButton, screenOf, terminal, usePages } from './browsing.ts';

const FILES = {
  'scenario.yaml': `title: { en: At the desk, zh-CN: 在书桌旁 }
summary: { en: This machine and another, zh-CN: 这台机器和另一台 }
minutes: 5
hosts:
  - host01: local
  - host02: { ssh: learner@desk }
intro: intro
steps:
  - { id: first, title: { en: First, zh-CN: 第一步 }, text: first }
  - { id: second, title: { en: Second, zh-CN: 第二步 }, text: second }
finish: finish
`,
  'intro.md': 'Two machines.',
  'intro.zh-CN.md': '两台机器。',
  'first.md': 'There:\n\n```\necho "run-$((40 + 2))"\n```{{exec HOST2}}\n',
  'first.zh-CN.md': '那里：\n\n```\necho "run-$((40 + 2))"\n```{{exec HOST2}}\n',
  'second.md': 'More.',
  'second.zh-CN.md': '还有。',
  'finish.md': 'Done.',
  'finish.zh-CN.md': '完成。',
};

const pages = usePages({ slug: 'desk' });

/** The lab on this machine and on one that ssh reaches, served where both are turned on. */
async function serve(machine: SshMachine) {
  await using folder = await scenarioFolder({ desk: FILES });
  const { scenarios, problems } = await loadScenarios(folder.path);
  expect(problems).toEqual([]);
  const ownHosts = { allowed: ['local', 'ssh'], environment: machine.environment } as const;
  return pages.serve(scenarios.get('desk'), { ownHosts, preparing: true });
}

/** Whether a tab says that its shell has ended; to be polled. */
const saysEnded = (lab: LabPage, name: string) => async () =>
  (await tab(lab, name).getAttribute('title'))?.includes('Its shell has ended; Enter opens a new one.') ===
  true;
const tab = ({ page }: LabPage, name: string) => page.getByRole('tab', { name, exact: true });

async function shows(lab: LabPage, host: string, text: string): Promise<void> {
  await expect.poll(screenOf(lab, host), { timeout: 20_000 }).toContain(text);
}

describe.skipIf(!existsSync('/usr/bin/ssh'))('a lab on machines that exist', { timeout: MINUTE }, () => {
  test('is taken from Start to Finish by keyboard, on this machine and on one that ssh reaches', async () => {
    await using machine = await sshMachine();
    await using app = await serve(machine);
    const lab = await pages.visit(app.url);
    await lab.page.getByText('They are machines that exist already: what you do there stays').waitFor();
    await lab.button('Start').focus();
    await lab.page.keyboard.press('Enter');
    await terminal(lab.page).waitFor({ state: 'attached' });
    expect(await lab.page.getByRole('tab').allInnerTexts()).toEqual(['host01', 'host02']);
    await lab.type('host01', 'echo "here-$((40 + 2))"\n');
    await shows(lab, 'host01', 'here-42');
    await lab.type('host02', 'echo "there-$((40 + 2))"\n');
    await shows(lab, 'host02', 'there-42');
    expect(machine.open.size).toBe(1);

    await tab(lab, 'host01').click();
    await runButton(lab, 0).click();
    await shows(lab, 'host02', 'run-42');
    await expect.poll(focusOn(terminal(lab.page, 'host02'))).toBe(true);
    expect(await lab.button('Check').count()).toBe(0);
    await lab.button('Next').click();
    await lab.untilTitle('Second');
    await lab.button('Next').click();
    await lab.untilTitle('Finish');
    await lab.page.getByText('Your terminals stay until you end it').waitFor();
  });

  test('gives another shell at Enter where one has ended or its connection was cut, and leaves all at its end', async () => {
    await using machine = await sshMachine();
    await using app = await serve(machine);
    const lab = await pages.start(app.url);
    await lab.type('host01', 'exit 3\n');
    await shows(lab, 'host01', 'Shell ended (3). Press Enter for a new one.');
    await expect.poll(saysEnded(lab, 'host01')).toBe(true);
    await lab.type('host01', '\n');
    await expect.poll(saysEnded(lab, 'host01')).toBe(false);
    await lab.type('host01', 'echo "again-$((40 + 2))"\n');
    await shows(lab, 'host01', 'again-42');

    await lab.type('host02', 'echo "there-$((40 + 2))"\n');
    await shows(lab, 'host02', 'there-42');
    machine.cutOff();
    await shows(
      lab,
      'host02',
      'The connection to learner@desk failed or was cut off. Press Enter to try again',
    );
    await lab.type('host02', '\n');
    await expect.poll(saysEnded(lab, 'host02')).toBe(false);
    await lab.type('host02', 'echo "back-$((40 + 2))"\n');
    await shows(lab, 'host02', 'back-42');

    await lab.button('Reset').click();
    await lab.page.getByText('What you have done on the machines stays; your time runs on.').waitFor();
    await lab.button('Cancel').click();
    await lab.end();
    await lab.page.getByText('Its terminals are closed; what you have done on the machines stays.').waitFor();
    await expect.poll(() => machine.open.size).toBe(0);
    await lab.page.getByRole('link', { name: 'Drydock' }).click();
    await lab.page.getByText('unless it says otherwise, yours alone').waitFor();
    await lab.page.getByText('On machines that exist already: what you do there stays').waitFor();
  });
});
