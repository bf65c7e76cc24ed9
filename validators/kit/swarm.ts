import type { EngineView, Service, Task } from './cluster-view.ts';
import type { CheckContext } from './context.ts';
import { arriving, converging, type Soon } from './eventually.ts';
import { fail, type Message } from './verdict.ts';

/** A swarm seen through one of its managers. */
export type SwarmView = { manager: string; engine: EngineView };

/** What a look found, or the verdict that says why there is nothing to find. */
export type Found<T> = { found: T } | { missing: Soon };

/** The first host that manages a swarm. */
export async function findSwarm(ctx: CheckContext): Promise<Found<SwarmView>> {
  for (const manager of ctx.hosts) {
    const engine = ctx.engine(manager);
    const info = await engine.swarm();
    if (info.state === 'active' && info.manager) return { found: { manager, engine } };
  }
  const missing = fail(
    {
      en: 'No host manages a swarm: a manager was expected, and none of the hosts is one.',
      'zh-CN': '没有任何主机是 swarm 的管理节点，而这里需要一个。',
    },
    {
      en: `Run “docker swarm init” on ${ctx.hosts[0]} and let the others join.`,
      'zh-CN': `请在 ${ctx.hosts[0]} 上运行 docker swarm init，并让其他主机加入。`,
    },
  );
  return { missing: arriving(missing) };
}

/**
 * The verdict for the first of `hosts` that is not in the swarm: what is asked for rests on that, and the learner is to
 * read what is missing, not what follows from it.
 */
async function leftSwarm(
  ctx: CheckContext,
  { manager, engine }: SwarmView,
  hosts: readonly string[],
): Promise<Soon | undefined> {
  const members = new Set((await engine.nodes()).map(({ id }) => id));
  for (const host of hosts) {
    const { state, nodeId, error } = await ctx.engine(host).swarm();
    if (state === 'active' && members.has(nodeId)) continue;
    const isOut = state === 'inactive';
    const seen =
      state === 'active'
        ? {
            en: 'it is in another',
            'zh-CN': '它在另一个集群里',
          }
        : {
            en: `its state is “${state}”${error && ` (${error})`}`,
            'zh-CN': `它的状态是 ${state}${error && `（${error}）`}`,
          };
    const verdict = fail(
      {
        en: `${host} is not in the swarm of ${manager}: ${seen.en}.`,
        'zh-CN': `${host} 不在 ${manager} 的 swarm 集群里：${seen['zh-CN']}。`,
      },
      {
        en: `Run “docker swarm join-token worker” on ${manager} and the command that it prints on ${host}${isOut ? '' : ', there after “docker swarm leave --force”'}.`,
        'zh-CN': `请在 ${manager} 上运行 docker swarm join-token worker，再到 ${host} 上${isOut ? '' : '先运行 docker swarm leave --force，然后'}运行它打印出的命令。`,
      },
    );
    return state === 'pending' ? converging(verdict) : arriving(verdict);
  }
  return undefined;
}

/** A service of the swarm, by its name; before that, each of `members` has to be in the swarm. */
export async function findService(
  ctx: CheckContext,
  name: string,
  members: readonly string[] = [],
): Promise<Found<{ swarm: SwarmView; service: Service }>> {
  const swarm = await findSwarm(ctx);
  if ('missing' in swarm) return swarm;
  const missing = members.length > 0 ? await leftSwarm(ctx, swarm.found, members) : undefined;
  if (missing) return { missing };
  const services = await swarm.found.engine.services();
  const service = services.find((each) => each.name === name);
  if (service) return { found: { swarm: swarm.found, service } };
  const others = services.map((each) => each.name).join(', ');
  const absent = fail(
    {
      en: `There is no service named “${name}”; the swarm has ${others === '' ? 'no services' : others}.`,
      'zh-CN': `没有名为 ${name} 的服务；集群里${others === '' ? '还没有任何服务' : `现有的服务是 ${others}`}。`,
    },
    {
      en: `Run this step's “docker service create --name ${name} …” on ${swarm.found.manager}.`,
      'zh-CN': `请在 ${swarm.found.manager} 上运行本步骤的 docker service create --name ${name} … 命令。`,
    },
  );
  return { missing: arriving(absent) };
}

/** The tasks of a service that the swarm wants running: those that do, and the others. */
export async function serviceTasks(
  swarm: SwarmView,
  service: Service,
): Promise<{ running: readonly Task[]; starting: readonly Task[]; lastError: string }> {
  const tasks = (await swarm.engine.tasks()).filter((task) => task.serviceId === service.id);
  const wanted = tasks.filter((task) => task.desired === 'running' || task.desired === 'ready');
  return {
    running: wanted.filter((task) => task.state === 'running'),
    starting: wanted.filter((task) => task.state !== 'running'),
    lastError: tasks.find((task) => task.error !== '')?.error ?? '',
  };
}

/** A task of a service that runs, and the host that it runs on; undefined where there is none. */
export async function findRunningTask(
  ctx: CheckContext,
  swarm: SwarmView,
  service: Service,
): Promise<{ task: Task; host: string } | undefined> {
  const { running } = await serviceTasks(swarm, service);
  const hosts = await hostsByNode(ctx);
  for (const task of running) {
    const host = hosts.get(task.nodeId);
    if (host !== undefined) return { task, host };
  }
  return undefined;
}

/** The hint where tasks of a service do not run. */
export const seeTasks = ({ manager }: SwarmView, service: string): Message => ({
  en: `“docker service ps ${service}” on ${manager} shows what each task is doing.`,
  'zh-CN': `在 ${manager} 上运行 docker service ps ${service}，可以看到每个任务的状态。`,
});

/** Which host each swarm node is, asked of the hosts themselves: host names can be changed, node ids cannot. */
export async function hostsByNode(ctx: CheckContext): Promise<ReadonlyMap<string, string>> {
  const pairs = await Promise.all(
    ctx.hosts.map(async (host) => [(await ctx.engine(host).swarm()).nodeId, host] as const),
  );
  return new Map(pairs.filter(([nodeId]) => nodeId !== ''));
}
