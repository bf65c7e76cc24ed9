import { join } from 'node:path';
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary-folder.ts';

/** A scenario that has nothing wrong, file by file; tests change what they are about. */
export const GOOD: Readonly<Record<string, string>> = {
  'scenario.yaml': `title: { en: A lab, zh-CN: 实验 }
summary: { en: Short, zh-CN: 简介 }
minutes: 5
hosts: [host01, host02]
needs: [swarm]
images: ['redis:alpine']
intro: intro
steps:
  - id: first
    title: { en: First, zh-CN: 第一步 }
    text: step1
    checks:
      - swarm-joined: { manager: host01, workers: [host02] }
finish: finish
`,
  'intro.md': 'Hello',
  'intro.zh-CN.md': '你好',
  'step1.md': 'Run `docker info`{{exec}} and\n\n```\ncurl [[HOST2_IP]]\n```{{exec HOST2}}\n',
  'step1.zh-CN.md': '运行 `docker info`{{exec}}：\n\n```\ncurl [[HOST2_IP]]\n```{{exec HOST2}}\n',
  'finish.md': 'Bye',
  'finish.zh-CN.md': '再见',
  'images/redis/Dockerfile': 'FROM scratch\n',
};

/** A picture of one dot. */
export const DOT_SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><circle r="1"/></svg>\n';

/** A folder of scenarios on disk, each given by its files; removed when disposed. */
export async function scenarioFolder(
  scenarios: Record<string, Readonly<Record<string, string | undefined>>>,
): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  for (const [slug, files] of Object.entries(scenarios)) {
    for (const [name, text] of Object.entries(files)) {
      if (text !== undefined) await folder.write(join(slug, name), text);
    }
  }
  return folder;
}
