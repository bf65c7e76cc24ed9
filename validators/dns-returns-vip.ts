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
  type Service,
  seeTasks,
} from './kit/index.ts';

const params = z.strictObject({ service: objectName, network: objectName });

/** Whoever is on the network and asks its name server for the service is told its virtual IP, and nothing else. */
export default defineCheck({
  name: 'dns-returns-vip',
  params,
  active: true,
  title: ({ service, network }) => ({
    en: `On network ${network}, the name ${service} leads to the virtual IP of the service`,
    'zh-CN': `在网络 ${network} 上，${service} 这个名字解析为服务的虚拟 IP`,
  }),
  run: (ctx, { service: name, network: networkName }) =>
    eventually(ctx, async () => {
      const look = await findService(ctx, name);
      if ('missing' in look) return look.missing;
      const { swarm, service } = look.found;
      const network = (await swarm.engine.networks()).find(
        (each) => each.name === networkName && each.scope === 'swarm',
      );
      const vip = service.virtualIps.find((each) => each.networkId === network?.id)?.address;
      if (vip === undefined) return arriving(withoutVip(service, networkName));
      const running = await findRunningTask(ctx, swarm, service);
      if (running === undefined) {
        return converging(
          fail(
            {
              en: `No task of ${name} is running, so there is nothing that its name could lead to.`,
              'zh-CN': `${name} 没有正在运行的任务，它的名字也就无从解析。`,
            },
            seeTasks(swarm, name),
          ),
        );
      }
      const { task, host } = running;
      const reply = await ctx.inside(host, task.containerId).lookup(name);
      if ('failure' in reply) {
        return converging(
          fail({
            en: `The name server of network ${networkName} does not answer on ${host} (${reply.failure}).`,
            'zh-CN': `${host} 上，网络 ${networkName} 的 DNS 服务器没有应答（${reply.failure}）。`,
          }),
        );
      }
      if (reply.addresses.length === 1 && reply.addresses[0] === vip) return pass();
      const seen = reply.addresses.join(', ');
      return converging(
        fail(
          {
            en: `On network ${networkName} the name ${name} leads to ${seen || 'nothing'}; its virtual IP ${vip} was expected.`,
            'zh-CN': `在网络 ${networkName} 上，${name} ${seen === '' ? '没有解析到任何地址' : `解析到的是 ${seen}`}，应当是它的虚拟 IP ${vip}。`,
          },
          {
            en: `See that no other container on ${networkName} has the name or alias “${name}”: “docker network inspect ${networkName}” lists them.`,
            'zh-CN': `请确认 ${networkName} 上没有别的容器使用 ${name} 这个名字或别名：docker network inspect ${networkName} 会列出它们。`,
          },
        ),
      );
    }),
});

function withoutVip({ name, endpointMode }: Service, network: string) {
  if (endpointMode === 'dnsrr') {
    return fail(
      {
        en: `${name} has no virtual IP: its endpoint mode is dnsrr, with which its name leads to the containers themselves.`,
        'zh-CN': `${name} 没有虚拟 IP：它的端点模式是 dnsrr，名字会直接解析为各个容器的地址。`,
      },
      {
        en: `Run “docker service update --endpoint-mode vip ${name}”.`,
        'zh-CN': `请运行 docker service update --endpoint-mode vip ${name}。`,
      },
    );
  }
  return fail(
    {
      en: `${name} has no virtual IP on network ${network}.`,
      'zh-CN': `${name} 在网络 ${network} 上没有虚拟 IP。`,
    },
    {
      en: `The service must be attached to ${network}: “docker service update --network-add ${network} ${name}” does that.`,
      'zh-CN': `服务需要接入 ${network}：可以运行 docker service update --network-add ${network} ${name}。`,
    },
  );
}
