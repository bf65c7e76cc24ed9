import { z } from 'zod';
import {
  arriving,
  converging,
  defineCheck,
  eventually,
  fail,
  findRunningTask,
  findService,
  objectName,
  pass,
  portNumber,
  seeTasks,
} from './kit/index.ts';

const REDIS_PORT = 6379;

const params = z.strictObject({
  /** The service that runs Redis. */
  service: objectName,
  /** The key that holds the total. */
  key: z.string().min(1).max(200),
  atLeast: z.int().min(1),
  /** The published port of the application, for the hint. */
  port: portNumber.optional(),
});

/** The application's total of requests, read where it keeps it, so that looking counts as no request. */
export default defineCheck({
  name: 'requests-counted',
  params,
  title: ({ service, atLeast }) => ({
    en: `The application has counted at least ${atLeast} request(s) in ${service}`,
    'zh-CN': `应用已在 ${service} 中记录了至少 ${atLeast} 次请求`,
  }),
  run: (ctx, { service: name, key, atLeast, port = 80 }) =>
    eventually(ctx, async () => {
      const look = await findService(ctx, name);
      if ('missing' in look) return look.missing;
      const { swarm, service } = look.found;
      const running = await findRunningTask(ctx, swarm, service);
      if (running === undefined) {
        return converging(
          fail(
            { en: `No task of ${name} is running yet.`, 'zh-CN': `${name} 还没有正在运行的任务。` },
            seeTasks(swarm, name),
          ),
        );
      }
      const { task, host } = running;
      const address = await ctx.engine(host).containerAddress(task.containerId);
      if (address === null) {
        return fail(
          {
            en: `The Redis of ${name} is on internal networks only: nothing on ${host} can reach it.`,
            'zh-CN': `${name} 的 Redis 只接入了内部网络，${host} 无法访问它。`,
          },
          {
            en: 'Create its network again without “--internal”, and the services on it.',
            'zh-CN': '请重新创建它的网络（不要加 --internal）以及网络上的服务。',
          },
        );
      }
      const reply = await ctx.network(host).redisGet({ address, port: REDIS_PORT }, key);
      if ('failure' in reply || ('error' in reply && reply.error.startsWith('LOADING'))) {
        const said = 'failure' in reply ? reply.failure : reply.error;
        return converging(
          fail(
            {
              en: `The Redis of ${name} does not answer yet (${said}).`,
              'zh-CN': `${name} 的 Redis 还没有应答（${said}）。`,
            },
            {
              en: `“docker service logs ${name}” on ${swarm.manager} shows what it is doing.`,
              'zh-CN': `在 ${swarm.manager} 上运行 docker service logs ${name}，可以看到它的状态。`,
            },
          ),
        );
      }
      if ('error' in reply) throw new Error(`Redis on ${host} said: ${reply.error}`);
      const value = reply.value ?? '0';
      if (!/^\d+$/.test(value))
        throw new Error(`${key} in Redis on ${host} is no count: ${value.slice(0, 200)}`);
      const counted = Number(value);
      if (counted >= atLeast) return pass();
      return arriving(
        fail(
          {
            en: `${counted} request(s) have been counted; at least ${atLeast} were expected.`,
            'zh-CN': `目前记录了 ${counted} 次请求，应至少有 ${atLeast} 次。`,
          },
          {
            en: `Run “curl ${swarm.manager}:${port}” several times and look at the total in its answer.`,
            'zh-CN': `请多运行几次 curl ${swarm.manager}:${port}，留意应答里的总数。`,
          },
        ),
      );
    }),
});
