import { z } from 'zod';
import {
  canonicalImage,
  converging,
  defineCheck,
  eventually,
  fail,
  findService,
  objectName,
  pass,
  portNumber,
  seeTasks,
  type Service,
  serviceTasks,
  type Verdict,
} from './kit/index.ts';

const params = z.strictObject({
  service: objectName,
  replicas: z.int().min(1).max(20),
  /** What else does as well: more replicas than so many, or a global service that comes to as many. */
  allow: z.array(z.enum(['more', 'global'])).default([]),
  /** A name without a tag means the tag latest, as everywhere; whatever its digest. */
  image: z.string().min(1).optional(),
  /** Through the routing mesh, on every host. */
  published: z.strictObject({ port: portNumber, target: portNumber }).optional(),
});
type Params = z.infer<typeof params>;

/** A service asks for this many replicas, and all of them run. */
export default defineCheck({
  name: 'service-replicated',
  params,
  title: ({ service, replicas, published }) => ({
    en: `Service ${service} runs ${replicas} replica(s)${published ? `, published on port ${published.port}` : ''}`,
    'zh-CN': `服务 ${service} 有 ${replicas} 个副本在运行${published ? `，并发布在 ${published.port} 端口` : ''}`,
  }),
  run: (ctx, wanted) =>
    eventually(ctx, async () => {
      const look = await findService(ctx, wanted.service);
      if ('missing' in look) return look.missing;
      const { swarm, service } = look.found;
      const wrong = wrongImage(service, wanted) ?? wrongPort(service, wanted) ?? wrongScale(service, wanted);
      if (wrong) return wrong;
      const { running, starting, lastError } = await serviceTasks(swarm, service);
      // Of a global service the tasks are as many as the nodes that may run them, whatever was asked for.
      const asked = service.replicas ?? Math.max(wanted.replicas, running.length + starting.length);
      if (running.length >= asked) return pass();
      return converging(
        fail(
          {
            en: `${service.name} has ${running.length} of ${asked} replicas running${lastError && `; a task says: ${lastError}`}.`,
            'zh-CN': `${service.name} 应有 ${asked} 个副本在运行，现在有 ${running.length} 个${lastError && `；有任务报告：${lastError}`}。`,
          },
          seeTasks(swarm, service.name),
        ),
      );
    }),
});

function wrongImage(service: Service, { image }: Params): Verdict | undefined {
  if (image === undefined || canonicalImage(service.image) === canonicalImage(image)) return undefined;
  return fail(
    {
      en: `${service.name} runs the image ${canonicalImage(service.image)}; ${image} was expected.`,
      'zh-CN': `${service.name} 用的镜像是 ${canonicalImage(service.image)}，应当是 ${image}。`,
    },
    {
      en: `Run “docker service update --image ${image} ${service.name}”.`,
      'zh-CN': `请运行 docker service update --image ${image} ${service.name}。`,
    },
  );
}

function wrongPort(service: Service, { published }: Params): Verdict | undefined {
  if (!published) return undefined;
  const { port, target } = published;
  const there = service.ports.find((each) => each.published === port);
  if (!there) {
    const seen = service.ports.map((each) => `${each.published}:${each.target}`).join(', ');
    return fail(
      {
        en: `${service.name} does not publish port ${port}; it publishes ${seen || 'nothing'}.`,
        'zh-CN': `${service.name} 没有发布 ${port} 端口；${seen ? `它发布的是 ${seen}` : '它没有发布任何端口'}。`,
      },
      {
        en: `Run “docker service update --publish-add ${port}:${target} ${service.name}”.`,
        'zh-CN': `请运行 docker service update --publish-add ${port}:${target} ${service.name}。`,
      },
    );
  }
  if (there.mode === 'host') {
    return fail(
      {
        en: `Port ${port} of ${service.name} is published in host mode, past the routing mesh.`,
        'zh-CN': `${service.name} 的 ${port} 端口是以 host 模式发布的，绕过了路由网格。`,
      },
      {
        en: `Create the service again with “-p ${port}:${target}”, which publishes through the routing mesh.`,
        'zh-CN': `请删除服务，再用 -p ${port}:${target} 重新创建，这样端口会经由路由网格发布。`,
      },
    );
  }
  if (there.protocol !== 'tcp') {
    return fail(
      {
        en: `${service.name} publishes port ${port} for ${there.protocol}; tcp was expected, which HTTP uses.`,
        'zh-CN': `${service.name} 的 ${port} 端口是按 ${there.protocol} 协议发布的，而 HTTP 需要 tcp。`,
      },
      {
        en: `Run “docker service update --publish-rm ${there.target}/${there.protocol} --publish-add ${port}:${target} ${service.name}”.`,
        'zh-CN': `请运行 docker service update --publish-rm ${there.target}/${there.protocol} --publish-add ${port}:${target} ${service.name}。`,
      },
    );
  }
  if (there.target === target) return undefined;
  return fail(
    {
      en: `Port ${port} leads to port ${there.target} of the containers, but they listen on ${target}.`,
      'zh-CN': `${port} 端口指向了容器的 ${there.target} 端口，而容器监听的是 ${target}。`,
    },
    {
      en: `Run “docker service update --publish-rm ${there.target} --publish-add ${port}:${target} ${service.name}”.`,
      'zh-CN': `请运行 docker service update --publish-rm ${there.target} --publish-add ${port}:${target} ${service.name}。`,
    },
  );
}

function wrongScale(service: Service, { replicas, allow }: Params): Verdict | undefined {
  if (service.mode === 'global' && allow.includes('global')) return undefined;
  if (service.mode !== 'replicated') {
    return fail(
      {
        en: `${service.name} is a ${service.mode} service; a replicated one was expected.`,
        'zh-CN': `${service.name} 是 ${service.mode} 模式的服务，这里需要的是副本（replicated）模式。`,
      },
      {
        en: `Remove it with “docker service rm ${service.name}” and create it with “--replicas ${replicas}”.`,
        'zh-CN': `请用 docker service rm ${service.name} 删除它，再用 --replicas ${replicas} 重新创建。`,
      },
    );
  }
  const asked = service.replicas ?? 0;
  if (asked === replicas || (asked > replicas && allow.includes('more'))) return undefined;
  const least = allow.includes('more') ? { en: 'at least ', 'zh-CN': '不少于 ' } : { en: '', 'zh-CN': ' ' };
  return fail(
    {
      en: `${service.name} asks for ${asked} replica(s); ${least.en}${replicas} were expected.`,
      'zh-CN': `${service.name} 设定的副本数是 ${asked}，应当是${least['zh-CN']}${replicas}。`,
    },
    {
      en: `Run “docker service scale ${service.name}=${replicas}”.`,
      'zh-CN': `请运行 docker service scale ${service.name}=${replicas}。`,
    },
  );
}
