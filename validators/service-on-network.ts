import { z } from 'zod';
import { defineCheck, eventually, fail, findService, objectName, pass } from './kit/index.ts';

const params = z.strictObject({ service: objectName, network: objectName });

/** The service's tasks are attached to this network of the swarm. */
export default defineCheck({
  name: 'service-on-network',
  params,
  title: ({ service, network }) => ({
    en: `Service ${service} is attached to network ${network}`,
    'zh-CN': `服务 ${service} 已接入网络 ${network}`,
  }),
  run: (ctx, { service: name, network: networkName }) =>
    eventually(ctx, async () => {
      const look = await findService(ctx, name);
      if ('missing' in look) return look.missing;
      const { swarm, service } = look.found;
      const networks = (await swarm.engine.networks()).filter((network) => network.scope === 'swarm');
      const wanted = networks.find((network) => network.name === networkName);
      const isWanted = (target: string) => target === wanted?.id || target === networkName;
      if (service.networks.some(isWanted)) return pass();
      const names = service.networks.map(
        (target) => networks.find((network) => network.id === target)?.name ?? target,
      );
      return fail(
        {
          en: `${name} is not on network ${networkName}; it is on ${names.join(', ') || 'none of its own'}.`,
          'zh-CN': `${name} 没有接入网络 ${networkName}；${names.length > 0 ? `它接入的是 ${names.join('、')}` : '它没有接入任何自定义网络'}。`,
        },
        {
          en: `Run “docker service update --network-add ${networkName} ${name}” on ${swarm.manager}.`,
          'zh-CN': `请在 ${swarm.manager} 上运行 docker service update --network-add ${networkName} ${name}。`,
        },
      );
    }),
});
