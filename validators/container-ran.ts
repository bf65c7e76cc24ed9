import { z } from 'zod';
import {
  arriving,
  canonicalImage,
  containerRuns,
  defineCheck,
  eventually,
  fail,
  hostName,
  type Message,
  objectName,
  pass,
} from './kit/index.ts';

const params = z.strictObject({
  /** Only containers of this image. */
  image: z.string().min(1).optional(),
  /** Only while they were on this network. */
  network: objectName.optional(),
  /** Words that the command has, in this order; others may stand between them. */
  command: z.string().min(1).max(200).optional(),
  /** Only on this host. */
  host: hostName.optional(),
});
type Params = z.infer<typeof params>;

/** Something that was run in a container, as its first process or by `docker exec`. */
type Run = {
  container: string;
  host: string;
  image: string;
  networks: readonly string[];
  command: string | null;
  exitCode: number | null;
  /** Whether it ran in a container of a service, where most is the service's own doing: a health check, say. */
  ofService: boolean;
};

/**
 * The learner has run a container, or something in one: `docker run`, also with --rm after it has gone, or `docker exec`.
 * What a service has started does not count; `docker exec` in it does.
 */
export default defineCheck({
  name: 'container-ran',
  params,
  title: ({ image, network, command, host }) => ({
    en: `${command ? `“${command}” has run in a container` : 'A container has run'}${image ? ` of ${image}` : ''}${network ? ` on network ${network}` : ''}${host ? ` on ${host}` : ''}`,
    'zh-CN': `已${host ? `在 ${host} 上` : ''}${network ? `用接入网络 ${network} 的` : '用'}${image ? ` ${image} ` : ''}容器运行过${command ? ` ${command}` : ''}`,
  }),
  run: (ctx, wanted) =>
    eventually(ctx, async () => {
      const hosts = wanted.host === undefined ? ctx.hosts : [wanted.host];
      const runs = (
        await Promise.all(
          hosts.map(async (host) => {
            const engine = ctx.engine(host);
            const known = containerRuns(await engine.events(), await engine.containers());
            return known.flatMap(({ name, image, networks, command, exitCode, ofService, execs }): Run[] => {
              const container = { container: name, host, image, ofService };
              const executed = execs.map((exec) => ({ ...container, ...exec }));
              return ofService ? executed : [{ ...container, networks, command, exitCode }, ...executed];
            });
          }),
        )
      ).flat();
      return narrow(runs, wanted);
    }),
});

/** Each wish leaves fewer of the runs; the first that leaves none of the learner's is what is missing. */
function narrow(runs: readonly Run[], wanted: Params) {
  const { image, network, command, host } = wanted;
  const missing = (reason: Message) => arriving(fail(reason, howToRun(wanted)));
  const fulfils = {
    image: (run: Run) => image === undefined || canonicalImage(run.image) === canonicalImage(image),
    network: (run: Run) => network === undefined || run.networks.includes(network),
    command: (run: Run) => command === undefined || (run.command !== null && hasWords(run.command, command)),
  };
  const all = runs.filter(fulfils.image).filter(fulfils.network).filter(fulfils.command);
  if (all.some(({ exitCode }) => exitCode === null || exitCode === 0)) return pass();
  let left = runs.filter((run) => !run.ofService && fulfils.image(run));
  if (left.length === 0) {
    return missing({
      en: `No container${image ? ` of ${image}` : ''} has been run${host ? ` on ${host}` : ''}.`,
      'zh-CN': `${host ? `${host} 上` : ''}还没有运行过${image ? ` ${image} ` : ''}容器。`,
    });
  }
  const before = left;
  left = left.filter(fulfils.network);
  if (left.length === 0) {
    const { container, networks } = newest(before);
    return missing({
      en: `${container} has run, but not on network ${network}; it was on ${networks.join(', ') || 'none'}.`,
      'zh-CN': `${container} 运行过，但没有接入网络 ${network}；它接入的是 ${networks.join('、') || '（无）'}。`,
    });
  }
  const onNetwork = left;
  left = left.filter(fulfils.command);
  if (left.length === 0) {
    const run = newest(onNetwork);
    if (run.command === null) {
      return missing({
        en: `${run.container} was gone before it could be seen what it ran; “${command}” was expected.`,
        'zh-CN': `${run.container} 消失得太快，没能看到它运行了什么；应当运行 ${command}。`,
      });
    }
    return missing({
      en: `${run.container} has run “${cut(run.command)}”; “${command}” was expected.`,
      'zh-CN': `${run.container} 运行的是 ${cut(run.command)}，应当运行 ${command}。`,
    });
  }
  const { container, host: where, exitCode } = newest(left);
  return arriving(
    fail(
      {
        en: `${container} has run on ${where}, but failed: its exit code is ${exitCode}.`,
        'zh-CN': `${container} 在 ${where} 上运行过，但失败了：退出码是 ${exitCode}。`,
      },
      {
        en: `“docker logs ${container}” on ${where} shows what it said. Remove it with “docker rm ${container}” and run it again.`,
        'zh-CN': `在 ${where} 上运行 docker logs ${container} 可以看到它的输出。请用 docker rm ${container} 删除它，再运行一次。`,
      },
    ),
  );
}

function howToRun({ network, command }: Params): Message {
  const flags = network === undefined ? '' : ` --network ${network}`;
  return {
    en: `Run a container with “docker run${flags} IMAGE${command ? ` ${command}` : ''}”, or in one that is there “docker exec CONTAINER${command ? ` ${command}` : ' …'}”.`,
    'zh-CN': `请用 docker run${flags} 镜像${command ? ` ${command}` : ''} 运行一个容器，或者在已有的容器里运行 docker exec 容器${command ? ` ${command}` : ' …'}。`,
  };
}

/** The words of `wanted` in their order; quotes and paths before a program's name are none. */
function hasWords(command: string, wanted: string): boolean {
  const words = wordsOf(command);
  let from = 0;
  for (const word of wordsOf(wanted)) {
    const at = words.indexOf(word, from);
    if (at < 0) return false;
    from = at + 1;
  }
  return true;
}

const wordsOf = (command: string): string[] =>
  command
    .split(/[\s"';|&()]+/)
    .filter((word) => word !== '')
    .map((word) => word.replace(/^\/(?:[\w.-]+\/)*(?=[\w.-]+$)/, ''));

const newest = (runs: readonly Run[]): Run => {
  const run = runs.at(-1);
  if (run === undefined) throw new Error('There is no run to speak of.');
  return run;
};

const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
