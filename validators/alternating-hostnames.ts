import { z } from 'zod';
import {
  type CheckContext,
  converging,
  defineCheck,
  eventually,
  fail,
  findService,
  hostNames,
  hostsByNode,
  objectName,
  pass,
  portNumber,
  seeTasks,
  serviceTasks,
  type Task,
} from './kit/index.ts';

const params = z.strictObject({ service: objectName, port: portNumber, from: hostNames });

/** A request of the learner's in the middle of a round takes an answer from it: a second one tells that from silence. */
const ROUNDS = 2;

/** The service answers on its published port, from every host, by each of its replicas in turn. */
export default defineCheck({
  name: 'alternating-hostnames',
  params,
  active: true,
  title: ({ service, port, from }) => ({
    en: `Requests to port ${port} on ${from.join(' and ')} reach every replica of ${service}`,
    'zh-CN': `从 ${from.join(' 和 ')} 访问 ${port} 端口，${service} 的每个副本都会应答`,
  }),
  run: (ctx, { service: name, port, from }) =>
    eventually(ctx, async () => {
      const look = await findService(ctx, name, from);
      if ('missing' in look) return look.missing;
      const { swarm, service } = look.found;
      const { running, starting } = await serviceTasks(swarm, service);
      // Nothing is sent before the replicas are there: a request too many would shift the learner's rotation.
      if (running.length === 0 || starting.length > 0) {
        return converging(
          fail(
            {
              en: `${name} has ${running.length} replica(s) running and ${starting.length} still starting.`,
              'zh-CN': `${name} 有 ${running.length} 个副本在运行，还有 ${starting.length} 个正在启动。`,
            },
            seeTasks(swarm, name),
          ),
        );
      }
      const replicas = await hostnames(ctx, running);
      for (const host of from) {
        const { answers, failure } = await request(ctx, host, port, replicas);
        const silent = replicas.filter((replica) => !answers.includes(replica));
        if (silent.length === 0) continue;
        const seen = [...new Set(replicas.filter((replica) => answers.includes(replica)))].join(', ');
        return converging(
          fail(
            {
              en: `From ${host}, ${replicas.length - silent.length} of ${replicas.length} replicas answered on port ${port}${seen && ` (${seen})`}${failure && `; one request failed: ${failure}`}.`,
              'zh-CN': `从 ${host} 访问 ${port} 端口，${replicas.length} 个副本中有 ${replicas.length - silent.length} 个应答${seen && `（${seen}）`}${failure && `；有请求失败：${failure}`}。`,
            },
            {
              en: `Check with “docker service ls” that ${name} publishes port ${port}, and try “curl ${host}:${port}” several times.`,
              'zh-CN': `请用 docker service ls 确认 ${name} 发布了 ${port} 端口，并多运行几次 curl ${host}:${port} 看看。`,
            },
          ),
        );
      }
      return pass();
    }),
});

/** What each task's container calls itself: its short id, unless the service sets a host name. */
async function hostnames(ctx: CheckContext, tasks: readonly Task[]): Promise<string[]> {
  const hosts = await hostsByNode(ctx);
  return Promise.all(
    tasks.map(async (task) => {
      const host = hosts.get(task.nodeId);
      return host === undefined
        ? task.containerId.slice(0, 12)
        : ctx.engine(host).containerHostname(task.containerId);
    }),
  );
}

/**
 * Whole rounds of a request for each replica, so that the next request, the learner's, meets the replica that it would
 * have met; and each round at once, so that hardly one of the learner's comes in between.
 */
async function request(ctx: CheckContext, host: string, port: number, replicas: readonly string[]) {
  const url = { address: ctx.address(host), port };
  let answers = '';
  let failure = '';
  for (let round = 0; round < ROUNDS; round++) {
    const replies = await Promise.all(replicas.map(() => ctx.network(host).httpGet(url)));
    for (const reply of replies) {
      if ('failure' in reply) failure = reply.failure;
      else answers += `${reply.body}\n`;
    }
    if (replicas.every((replica) => answers.includes(replica))) break;
  }
  return { answers, failure };
}
