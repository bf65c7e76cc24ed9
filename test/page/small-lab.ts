import { renderMarkdown } from '../../server/scenarios/markdown/render-markdown.ts';
import { createPage } from '../../server/scenarios/page.ts';
import type { Page, Scenario } from '../../server/scenarios/scenario.ts';
import { step, twoStepScenario } from '../support/scenarios.ts';

/** A page of markdown in both languages, as the loader makes one. */
function page(en: string, chinese: string): Page {
  const hosts = ['host01', 'host02'];
  const english = renderMarkdown(en, { hosts, locale: 'en' });
  const translated = renderMarkdown(chinese, { hosts, locale: 'zh-CN' });
  return createPage({ en: english.html, 'zh-CN': translated.html }, english.blocks);
}

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
