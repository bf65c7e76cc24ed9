import { z } from 'zod';
import {
  arriving,
  beginningOf,
  defineCheck,
  eventually,
  fail,
  hostName,
  pass,
  portNumber,
} from './kit/index.ts';

const params = z.strictObject({
  /** The host that is asked. */
  host: hostName,
  port: portNumber,
  /** The host that asks; the same one unless told. */
  from: hostName.optional(),
  path: z
    .string()
    .max(500)
    .regex(/^\/[\x21-\x7e]*$/, 'must begin with / and have no spaces')
    .default('/'),
  status: z.int().min(100).max(599).default(200),
  /** A text that stands in the answer, among others. */
  contains: z.string().min(1).max(1000).optional(),
});

/** A host answers over HTTP. It is asked once for each look. */
export default defineCheck({
  name: 'http-answers',
  params,
  active: true,
  title: ({ host, port, path, from, contains }) => ({
    en: `${host} answers${from ? ` ${from}` : ''} on port ${port}${path === '/' ? '' : ` at ${path}`}${contains ? ` with “${contains}”` : ''}`,
    'zh-CN': `${from ? `从 ${from} ` : ''}访问 ${host} 的 ${port} 端口${path === '/' ? '' : `（${path}）`}有应答${contains ? `，其中包含 “${contains}”` : ''}`,
  }),
  run: (ctx, { host, port, from = host, path, status, contains }) =>
    eventually(ctx, async () => {
      const reply = await ctx.network(from).httpGet({ address: ctx.address(host), port, path });
      const tryIt = {
        en: `Try it yourself: “curl -i ${host}:${port}${path}” on ${from}.`,
        'zh-CN': `可以自己试试：在 ${from} 上运行 curl -i ${host}:${port}${path}。`,
      };
      if ('failure' in reply) {
        return arriving(
          fail(
            {
              en: `${host} does not answer ${from} on port ${port} (${reply.failure}).`,
              'zh-CN': `从 ${from} 访问 ${host} 的 ${port} 端口没有应答（${reply.failure}）。`,
            },
            {
              en: `See with “docker ps” on ${host} that the server runs and that its port is published as ${port}.`,
              'zh-CN': `请在 ${host} 上用 docker ps 确认服务器在运行，并且端口发布为 ${port}。`,
            },
          ),
        );
      }
      if (reply.status !== status) {
        return arriving(
          fail(
            {
              en: `${host} answers on port ${port} with status ${reply.status}; ${status} was expected.`,
              'zh-CN': `${host} 的 ${port} 端口应答的状态码是 ${reply.status}，应当是 ${status}。`,
            },
            tryIt,
          ),
        );
      }
      if (contains === undefined || reply.body.includes(contains)) return pass();
      const seen = beginningOf(reply.body);
      return arriving(
        fail(
          {
            en: `The answer of ${host} on port ${port} does not contain “${contains}”; ${seen.en}.`,
            'zh-CN': `${host} 的 ${port} 端口的应答不包含 “${contains}”；${seen['zh-CN']}。`,
          },
          tryIt,
        ),
      );
    }),
});
