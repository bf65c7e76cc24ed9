import { z } from 'zod';
import {
  arriving,
  canonicalImage,
  type CheckContext,
  type Container,
  defineCheck,
  eventually,
  fail,
  findService,
  objectName,
  pass,
} from './kit/index.ts';

const params = z.strictObject({
  service: objectName,
  network: objectName,
  /** Only containers of this image count. */
  image: z.string().min(1).optional(),
});

/** A container of the learner's on the network, perhaps exited, has seen the service's name as its virtual IP. */
export default defineCheck({
  name: 'dns-returns-vip',
  params,
  title: ({ service, network, image }) => ({
    en: `A container${image ? ` of ${image}` : ''} on ${network} has resolved ${service} to its virtual IP`,
    'zh-CN': `${network} 上的${image ? ` ${image} ` : ''}容器已把 ${service} 解析为它的虚拟 IP`,
  }),
  run: (ctx, { service: name, network: networkName, image }) =>
    eventually(ctx, async () => {
      const look = await findService(ctx, name);
      if ('missing' in look) return look.missing;
      const { swarm, service } = look.found;
      const network = (await swarm.engine.networks()).find(
        (each) => each.name === networkName && each.scope === 'swarm',
      );
      const vip = service.virtualIps.find((each) => each.networkId === network?.id)?.address;
      if (!network || !vip) {
        return arriving(
          fail(
            {
              en: `${name} has no virtual IP on network ${networkName}.`,
              'zh-CN': `${name} 在网络 ${networkName} 上没有虚拟 IP。`,
            },
            {
              en: `The service must be attached to ${networkName} and keep its default endpoint mode (vip): “docker service inspect ${name}” shows both.`,
              'zh-CN': `服务需要接入 ${networkName}，并保持默认的端点模式（vip）。用 docker service inspect ${name} 可以查看。`,
            },
          ),
        );
      }
      const candidates = await learnersContainers(ctx, network, image);
      for (const { host, container } of candidates) {
        const log = await ctx.engine(host).logs(container.id);
        if (mentions(log, vip) && (mentions(log, name) || mentions(container.command, name))) return pass();
      }
      const tried = candidates.map(({ container }) => container.names[0] ?? container.id.slice(0, 12));
      const runIt = {
        en: `Run this step's “docker run … --network ${networkName} …” without --rm, so that its output can be read.`,
        'zh-CN': `请运行本步骤的 docker run … --network ${networkName} … 命令，不要加 --rm，这样才能读到它的输出。`,
      };
      const what = image ?? { en: 'your own', 'zh-CN': '你自己' };
      if (tried.length === 0) {
        return arriving(
          fail(
            {
              en: `No container of ${typeof what === 'string' ? what : what.en} was found on network ${networkName}.`,
              'zh-CN': `网络 ${networkName} 上没有找到${typeof what === 'string' ? ` ${what} ` : what['zh-CN']}的容器。`,
            },
            runIt,
          ),
        );
      }
      return arriving(
        fail(
          {
            en: `The virtual IP of ${name} is ${vip}, but the output of ${tried.join(', ')} does not show it for that name.`,
            'zh-CN': `${name} 的虚拟 IP 是 ${vip}，但容器 ${tried.join('、')} 的输出里没有显示这个名字对应该地址。`,
          },
          {
            en: `If ${name} was created anew, its address has changed: remove the container with “docker rm” and run the command again.`,
            'zh-CN': `如果重新创建过 ${name}，它的地址会变：请用 docker rm 删除该容器，再运行一次命令。`,
          },
        ),
      );
    }),
});

async function learnersContainers(
  ctx: CheckContext,
  network: { id: string; name: string },
  image: string | undefined,
): Promise<{ host: string; container: Container }[]> {
  const lists = await Promise.all(
    ctx.hosts.map(async (host) =>
      (await ctx.engine(host).containers()).map((container) => ({ host, container })),
    ),
  );
  return lists.flat().filter(({ container }) => {
    if (container.serviceId !== null) return false;
    if (image !== undefined && canonicalImage(container.image) !== canonicalImage(image)) return false;
    return container.networks.some((each) => each.id === network.id || each.name === network.name);
  });
}

/** The word on its own: 10.0.1.2 is not in 10.0.1.25, and `http` is not in `https`. */
const mentions = (text: string, word: string): boolean => {
  const literal = word.replace(/[.\\]/g, '\\$&');
  return new RegExp(`(?<![\\w-]|\\d\\.)${literal}(?![\\w-]|\\.\\d)`).test(text);
};
