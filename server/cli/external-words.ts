import type { ExternalAnswer } from '../engines/external/external-answer.ts';
import type { LocalizedText } from '../protocol/index.ts';

/** From this version on a network can do without an address of the engine's machine on it. */
const ISOLATED_SINCE = 28;

/** Whether the engine can keep its machine's own ports from a network. */
export const canIsolate = ({ version }: Pick<ExternalAnswer, 'version'>): boolean =>
  Number.parseInt(version, 10) >= ISOLATED_SINCE;

/** Why a scenario with a need cannot run, in the words of whoever reads the catalogue. */
export const lackingText = (need: string, features: readonly string[]): LocalizedText => ({
  en: `The Docker engine that labs run on here cannot run it: for “${need}” its kernel lacks ${features.join(', ')}.`,
  'zh-CN': `此处运行实验的 Docker 引擎无法运行该实验：其内核缺少“${need}”所需的 ${features.join('、')}。`,
});

/** What labs that are let out to the internet reach besides. */
export const EGRESS_LIMIT: LocalizedText = {
  en: 'The hosts reach the internet, and so the ports that the machine which runs them has open on addresses of the internet.',
  'zh-CN': '主机可以访问互联网，因而也能访问运行它们的机器在公网地址上开放的端口。',
};

/** What an engine of the user's cannot keep from the labs on it, though Drydock's own does. */
export function externalLimits(engine: ExternalAnswer, egress: boolean): LocalizedText[] {
  return [
    {
      en: 'Labs share the kernel of a Docker engine that is used for other things too: a lesser boundary than a virtual machine.',
      'zh-CN': '实验与另有他用的 Docker 引擎共用内核：隔离程度低于虚拟机。',
    },
    ...(egress ? [EGRESS_LIMIT] : []),
    ...(egress || canIsolate(engine)
      ? []
      : [
          {
            en: 'The hosts can reach ports that programs on the engine’s machine have open for all its addresses.',
            'zh-CN': '主机可以访问引擎所在机器上对所有地址开放的端口。',
          },
        ]),
    {
      en: 'What the hosts write to the engine’s disk is not limited.',
      'zh-CN': '主机写入引擎磁盘的数据量不受限制。',
    },
  ];
}

/** What whoever starts Drydock is told before anything is made on an engine of theirs. */
export const usingText = ({ environment, version, rootless }: ExternalAnswer): string =>
  [
    `Labs run on the Docker engine ${version} at ${environment.DOCKER_HOST}${rootless ? ', which runs without root' : ''}.`,
    'Their hosts are containers there with SYS_ADMIN, NET_ADMIN and SYS_PTRACE on its own kernel, and nothing else on it is touched.',
    'To run them in a virtual machine of Drydock’s own instead, set DRYDOCK_ENGINE=embedded.',
  ].join('\n');
