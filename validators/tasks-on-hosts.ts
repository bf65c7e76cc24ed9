import { z } from 'zod';
import {
  converging,
  defineCheck,
  eventually,
  fail,
  findService,
  hostNames,
  hostsByNode,
  objectName,
  pass,
  serviceTasks,
} from './kit/index.ts';

const params = z.strictObject({ service: objectName, hosts: hostNames });

/** Each of the hosts runs at least one task of the service. */
export default defineCheck({
  name: 'tasks-on-hosts',
  params,
  title: ({ service, hosts }) => ({
    en: `Service ${service} has a container running on ${hosts.join(' and ')}`,
    'zh-CN': `${hosts.join(' 和 ')} 上都有服务 ${service} 的容器在运行`,
  }),
  run: (ctx, { service: name, hosts }) =>
    eventually(ctx, async () => {
      const look = await findService(ctx, name, hosts);
      if ('missing' in look) return look.missing;
      const { swarm, service } = look.found;
      const { running, starting } = await serviceTasks(swarm, service);
      const byNode = await hostsByNode(ctx);
      const used = new Set(running.map((task) => byNode.get(task.nodeId)));
      const empty = hosts.filter((host) => !used.has(host));
      if (empty.length === 0) return pass();
      const verdict = fail(
        {
          en: `${name} has no running task on ${empty.join(', ')}; ${running.length} task(s) run elsewhere.`,
          'zh-CN': `${empty.join('、')} 上没有 ${name} 的任务在运行；其他主机上有 ${running.length} 个。`,
        },
        {
          en: `See where its tasks are with “docker service ps ${name}”. “docker service update --force ${name}” on ${swarm.manager} spreads them anew, as long as it has ${hosts.length} replicas and every node is active.`,
          'zh-CN': `用 docker service ps ${name} 查看任务的位置。只要副本数不少于 ${hosts.length} 且各节点可用，在 ${swarm.manager} 上运行 docker service update --force ${name} 就会重新分布任务。`,
        },
      );
      return starting.length > 0 ? converging(verdict) : verdict;
    }),
});
