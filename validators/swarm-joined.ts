import { z } from 'zod';
import {
  arriving,
  type CheckContext,
  converging,
  defineCheck,
  eventually,
  fail,
  hostName,
  hostNames,
  pass,
  type Soon,
  type SwarmInfo,
  type SwarmNode,
  type Verdict,
  withoutLeader,
} from './kit/index.ts';

const params = z.strictObject({ manager: hostName, workers: hostNames });

/** One swarm: `manager` manages it, and each of `workers` is a ready worker of that same swarm. */
export default defineCheck({
  name: 'swarm-joined',
  params,
  title: ({ manager, workers }) => ({
    en: `${manager} manages a swarm that ${workers.join(', ')} has joined as a worker`,
    'zh-CN': `${manager} 是 swarm 的管理节点，${workers.join('、')} 已作为工作节点加入`,
  }),
  run: (ctx, { manager, workers }) =>
    eventually(ctx, async () => {
      const info = await ctx.engine(manager).swarm();
      const trouble = managerTrouble(manager, info);
      if (trouble) return trouble;
      const nodes = await ctx.engine(manager).nodes();
      for (const worker of workers) {
        const verdict = await workerTrouble(ctx, manager, worker, nodes);
        if (verdict) return verdict;
      }
      return pass();
    }),
});

function managerTrouble(manager: string, info: SwarmInfo): Verdict | Soon | undefined {
  if (info.state === 'inactive') {
    return arriving(
      fail(
        {
          en: `${manager} is in no swarm; it should manage one.`,
          'zh-CN': `${manager} 不在任何 swarm 里，它应当是管理节点。`,
        },
        {
          en: `Run “docker swarm init” on ${manager}.`,
          'zh-CN': `请在 ${manager} 上运行 docker swarm init。`,
        },
      ),
    );
  }
  if (info.state !== 'active') return converging(notActive(manager, info));
  if (info.manager) return withoutLeader(manager, info);
  return fail(
    {
      en: `${manager} should be the manager, but it is a worker.`,
      'zh-CN': `${manager} 应当是管理节点，现在却是工作节点。`,
    },
    {
      en: `Run “docker swarm leave --force” on every host, then “docker swarm init” on ${manager}.`,
      'zh-CN': `请先在每台主机上运行 docker swarm leave --force，再在 ${manager} 上运行 docker swarm init。`,
    },
  );
}

async function workerTrouble(
  ctx: CheckContext,
  manager: string,
  worker: string,
  nodes: readonly SwarmNode[],
): Promise<Verdict | Soon | undefined> {
  const info = await ctx.engine(worker).swarm();
  if (info.state === 'inactive') {
    return arriving(
      fail(
        {
          en: `${worker} is in no swarm; that of ${manager} has ${nodes.length} node(s).`,
          'zh-CN': `${worker} 不在任何 swarm 里；${manager} 的集群现有 ${nodes.length} 个节点。`,
        },
        {
          en: `Run the command “docker swarm join …” on ${worker}; “docker swarm join-token worker” on ${manager} prints it.`,
          'zh-CN': `请在 ${worker} 上运行 docker swarm join … 命令；在 ${manager} 上运行 docker swarm join-token worker 会打印出它。`,
        },
      ),
    );
  }
  if (info.state !== 'active') return converging(notActive(worker, info));
  const node = nodes.find((each) => each.id === info.nodeId);
  if (!node) {
    return fail(
      {
        en: `${worker} is in a swarm, but not in the one that ${manager} manages.`,
        'zh-CN': `${worker} 加入了另一个 swarm，而不是 ${manager} 管理的那个。`,
      },
      {
        en: `Run “docker swarm leave --force” on ${worker}, then the command that joins ${manager}. “docker swarm init” belongs on ${manager} alone.`,
        'zh-CN': `请在 ${worker} 上运行 docker swarm leave --force，然后再运行加入 ${manager} 的命令。docker swarm init 只应在 ${manager} 上运行。`,
      },
    );
  }
  // One that has left and joined again is there twice under its name, with which Docker then does nothing.
  const isOnly = nodes.filter(({ hostname }) => hostname === node.hostname).length === 1;
  const name = isOnly ? node.hostname : node.id;
  if (node.role !== 'worker') {
    return fail(
      {
        en: `${worker} has joined as a manager; a worker was expected.`,
        'zh-CN': `${worker} 以管理节点的身份加入了，而这里需要它是工作节点。`,
      },
      {
        en: `Run “docker node demote ${name}” on ${manager}.`,
        'zh-CN': `请在 ${manager} 上运行 docker node demote ${name}。`,
      },
    );
  }
  if (node.state !== 'ready') {
    return converging(
      fail(
        {
          en: `${worker} has joined, but ${manager} sees it as “${node.state}” and not as “ready”.`,
          'zh-CN': `${worker} 已加入，但 ${manager} 看到它的状态是 ${node.state}，而不是 ready。`,
        },
        {
          en: `Look at it with “docker node ls” on ${manager}; a node that has just joined takes some seconds.`,
          'zh-CN': `请在 ${manager} 上用 docker node ls 查看；刚加入的节点需要几秒钟才能就绪。`,
        },
      ),
    );
  }
  if (node.availability === 'active') return undefined;
  return fail(
    {
      en: `${worker} is in the swarm but set to “${node.availability}”, so it gets no tasks.`,
      'zh-CN': `${worker} 在集群里，但被设成了 ${node.availability}，因此不会分到任务。`,
    },
    {
      en: `Run “docker node update --availability active ${name}” on ${manager}.`,
      'zh-CN': `请在 ${manager} 上运行 docker node update --availability active ${name}。`,
    },
  );
}

function notActive(host: string, info: SwarmInfo): Verdict {
  if (info.state === 'locked') {
    return fail(
      {
        en: `The swarm of ${host} is locked, as Docker was started anew there.`,
        'zh-CN': `${host} 上的 Docker 重新启动过，它的 swarm 已被锁定。`,
      },
      {
        en: `Run “docker swarm unlock” on ${host} and give the key that Docker printed when autolock was switched on; without it, “docker swarm leave --force” there, and repeat the step.`,
        'zh-CN': `请在 ${host} 上运行 docker swarm unlock，并输入开启自动锁定（autolock）时打印出的密钥；如果没有密钥，请在那里运行 docker swarm leave --force，然后重做这一步。`,
      },
    );
  }
  return fail(
    {
      en: `${host} is on its way into a swarm but not there: its state is “${info.state}”${info.error && ` (${info.error})`}.`,
      'zh-CN': `${host} 还没有完全进入 swarm：当前状态是 ${info.state}${info.error && `（${info.error}）`}。`,
    },
    {
      en: `If it stays so, run “docker swarm leave --force” on ${host} and repeat the step there.`,
      'zh-CN': `如果一直这样，请在 ${host} 上运行 docker swarm leave --force，然后重做这一步。`,
    },
  );
}
