import type { EngineView, Service, SwarmInfo, Task } from './cluster-view.ts';
import type { CheckContext } from './context.ts';
import { arriving, converging, type Soon } from './eventually.ts';
import { fail, type Message } from './verdict.ts';

/** A swarm seen through one of its managers. */
export type SwarmView = { manager: string; engine: EngineView };

/** What a look found, or the verdict that says why there is nothing to find. */
export type Found<T> = { found: T } | { missing: Soon };

/** The first host that manages a swarm. */
export async function findSwarm(ctx: CheckContext): Promise<Found<SwarmView>> {
  let leaderless: Soon | undefined;
  for (const manager of ctx.hosts) {
    const engine = ctx.engine(manager);
    const info = await engine.swarm();
    if (info.state !== 'active' || !info.manager) continue;
    const lost = withoutLeader(manager, info);
    if (lost === undefined) return { found: { manager, engine } };
    leaderless ??= lost;
  }
  if (leaderless) return { missing: leaderless };
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

/** The verdict for a manager that cannot be asked for anything of its swarm, as other managers have gone. */
export function withoutLeader(manager: string, { error }: SwarmInfo): Soon | undefined {
  if (!error.includes('does not have a leader')) return undefined;
  return converging(
    fail(
      {
        en: `The swarm that ${manager} manages has no leader: another host was a manager as well and has gone, so too few are left to decide anything.`,
        'zh-CN': `${manager} 管理的 swarm 没有领导者（leader）：另一台也是管理节点的主机已经离开，剩下的管理节点不足以做出决定。`,
      },
      {
        en: `Run “docker swarm init --force-new-cluster” on ${manager}, which goes on alone with all services, and let the others join again as workers.`,
        'zh-CN': `请在 ${manager} 上运行 docker swarm init --force-new-cluster，由它单独接管原有的服务，再让其他主机作为工作节点重新加入。`,
      },
    ),
  );
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
  const alike = services.find((each) => each.name.toLowerCase() === name.toLowerCase());
  const others = services.map((each) => each.name).join(', ');
  const absent = fail(
    {
      en: `There is no service named “${name}”; the swarm has ${others === '' ? 'no services' : others}.`,
      'zh-CN': `没有名为 ${name} 的服务；集群里${others === '' ? '还没有任何服务' : `现有的服务是 ${others}`}。`,
    },
    alike
      ? {
          en: `Remove it with “docker service rm ${alike.name}” on ${swarm.found.manager} first, as Docker takes both for one name; then run this step's “docker service create --name ${name} …”.`,
          'zh-CN': `两个名字只有大小写不同，Docker 会当成同一个：请先在 ${swarm.found.manager} 上运行 docker service rm ${alike.name}，再运行本步骤的 docker service create --name ${name} … 命令。`,
        }
      : {
          en: `Run this step's “docker service create --name ${name} …” on ${swarm.found.manager}.`,
          'zh-CN': `请在 ${swarm.found.manager} 上运行本步骤的 docker service create --name ${name} … 命令。`,
        },
  );
  return { missing: arriving(absent) };
}

export type ServiceTasks = {
  running: readonly Task[];
  /** Those that do not run yet, or still run an image that the service has named before. */
  starting: readonly Task[];
  /** How many of `starting` an update has yet to reach. */
  outdated: number;
  lastError: string;
};

/** The tasks of a service that the swarm wants running: those that do, and the others. */
export async function serviceTasks(swarm: SwarmView, service: Service): Promise<ServiceTasks> {
  const tasks = (await swarm.engine.tasks()).filter((task) => task.serviceId === service.id);
  const wanted = tasks.filter((task) => task.desired === 'running' || task.desired === 'ready');
  const isCurrent = (task: Task) => task.image === service.image;
  const isRunning = (task: Task) => task.state === 'running';
  const starting = wanted.filter((task) => !isRunning(task) || !isCurrent(task));
  return {
    running: wanted.filter((task) => isRunning(task) && isCurrent(task)),
    starting,
    outdated: starting.filter((task) => isRunning(task)).length,
    // What stands in the way now says more than what an earlier task has ended on.
    lastError: [...starting, ...tasks].find((task) => task.error !== '')?.error ?? '',
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
