import { z } from 'zod';
import { arriving, defineCheck, eventually, fail, findSwarm, objectName, pass } from './kit/index.ts';

const params = z.strictObject({
  network: objectName,
  /** Where true, containers that belong to no service must be able to join it. */
  attachable: z.boolean().optional(),
});

/** An overlay network of the whole swarm exists under this name. */
export default defineCheck({
  name: 'overlay-network',
  params,
  title: ({ network, attachable }) => ({
    en: `${attachable ? 'Attachable overlay' : 'Overlay'} network ${network} exists`,
    'zh-CN': `${attachable ? '可附加（attachable）的' : ''}覆盖网络 ${network} 已创建`,
  }),
  run: (ctx, { network: name, attachable = false }) =>
    eventually(ctx, async () => {
      const look = await findSwarm(ctx);
      if ('missing' in look) return look.missing;
      const { manager, engine } = look.found;
      const flags = attachable ? '--attachable -d overlay' : '-d overlay';
      const networks = await engine.networks();
      const named = networks.filter((network) => network.name === name);
      const overlay = named.find((network) => network.driver === 'overlay' && network.scope === 'swarm');
      if (overlay && (overlay.attachable || !attachable)) return pass();
      const again = {
        en: `Run “docker network rm ${name}” (remove what uses it first), then “docker network create ${flags} ${name}”, on ${manager}.`,
        'zh-CN': `请在 ${manager} 上运行 docker network rm ${name}（先删除正在使用它的服务和容器），再运行 docker network create ${flags} ${name}。`,
      };
      if (overlay) {
        return fail(
          {
            en: `Network ${name} is an overlay, but not attachable: only services can join it.`,
            'zh-CN': `网络 ${name} 是覆盖网络，但不可附加：只有服务才能接入它。`,
          },
          again,
        );
      }
      const [other] = named;
      if (other) {
        return fail(
          {
            en: `Network ${name} is of the driver “${other.driver}”, on ${manager} alone; an overlay was expected.`,
            'zh-CN': `网络 ${name} 的驱动是 ${other.driver}，只存在于 ${manager}；这里需要的是覆盖网络（overlay）。`,
          },
          again,
        );
      }
      const alike = networks.find((network) => network.name.toLowerCase() === name.toLowerCase());
      if (alike) {
        return fail(
          {
            en: `There is no network named “${name}”, but one named “${alike.name}”.`,
            'zh-CN': `没有名为 ${name} 的网络，只有一个名为 ${alike.name} 的。`,
          },
          {
            en: `Run “docker network rm ${alike.name}” first (remove what uses it before), as Docker takes both for one name; then “docker network create ${flags} ${name}”, on ${manager}.`,
            'zh-CN': `两个名字只有大小写不同，Docker 会当成同一个：请先在 ${manager} 上运行 docker network rm ${alike.name}（先删除正在使用它的服务和容器），再运行 docker network create ${flags} ${name}。`,
          },
        );
      }
      return arriving(
        fail(
          {
            en: `There is no network named “${name}”; an overlay network was expected.`,
            'zh-CN': `没有名为 ${name} 的网络，这里需要一个覆盖网络。`,
          },
          {
            en: `Run “docker network create ${flags} ${name}” on ${manager}.`,
            'zh-CN': `请在 ${manager} 上运行 docker network create ${flags} ${name}。`,
          },
        ),
      );
    }),
});
