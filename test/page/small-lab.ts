import { renderMarkdown } from '../../server/scenarios/markdown/render-markdown.ts';
import { createPage } from '../../server/scenarios/page.ts';
import type { Asset, Page, Scenario } from '../../server/scenarios/scenario.ts';
import { step, twoStepScenario } from '../support/scenarios.ts';

/** A page of markdown in both languages, as the loader makes one. */
function page(en: string, chinese: string): Page {
  const hosts = ['host01', 'host02'];
  const asset = (path: string) => ({ url: `/api/scenarios/small-lab/${path}` });
  const english = renderMarkdown(en, { hosts, locale: 'en', asset });
  const translated = renderMarkdown(chinese, { hosts, locale: 'zh-CN', asset });
  return createPage({ en: english.html, 'zh-CN': translated.html }, english.blocks);
}

const dot: Asset = {
  type: 'image/svg+xml',
  bytes: Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><circle cx="9" cy="9" r="9"/></svg>',
  ),
  version: '1',
};

const COMMANDS = `
\`\`\`
hostname
\`\`\`{{exec}}

\`\`\`
count 2
\`\`\`{{copy}}
`;

/** A lab with all that a text can have: commands to run and to copy, on lines of their own and in a sentence. */
export const smallLab: Scenario = {
  ...twoStepScenario,
  slug: 'small-lab',
  title: { en: 'A small lab', 'zh-CN': '小实验' },
  intro: page('Two hosts, and their names.', '两台主机，以及它们的名字。'),
  steps: [
    {
      ...step(
        'names',
        2,
        page(
          `Ask for the name:\n${COMMANDS}\nThen \`hostname\`{{exec HOST2}} and \`count 3\`{{copy}}, at [[HOST1_IP]].`,
          `查看名字：\n${COMMANDS}\n然后是 \`hostname\`{{exec HOST2}} 和 \`count 3\`{{copy}}，地址是 [[HOST1_IP]]。`,
        ),
      ),
      title: { en: 'Names', 'zh-CN': '名字' },
    },
    { ...step('more', 1, page('There is more.', '还有更多。')), title: { en: 'More', 'zh-CN': '更多' } },
  ],
  finish: page('Well done.', '做得好。'),
};

const GUIDED = (title: string, words: string) => `
> [!WARNING]
> ${words} [[HOST1_IP]].

<details><summary>${title}</summary>

\`hostname\`{{exec}}

</details>

![${words}](assets/dot.svg)

\`\`\`console
$ hostname
host01
\`\`\`
`;

/** The same with a first step that has a callout, a hint that opens, a picture and a session. */
export const guidedLab: Scenario = {
  ...smallLab,
  assets: new Map([['assets/dot.svg', dot]]),
  steps: [
    {
      ...step('guided', 1, page(GUIDED('A tip', 'Take care at'), GUIDED('小技巧', '请小心'))),
      title: { en: 'Guided', 'zh-CN': '引导' },
    },
    ...smallLab.steps.slice(1),
  ],
};
