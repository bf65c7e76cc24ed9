import { z } from 'zod';
import { arriving, beginningOf, defineCheck, eventually, fail, hostName, pass } from './kit/index.ts';

const params = z.strictObject({
  host: hostName,
  path: z
    .string()
    .max(500)
    .regex(/^\/[^\0]*[^\0/]$/, 'must be the absolute path of a file')
    .regex(
      /^\/(?!(tmp|run|proc|sys|dev)\/)/,
      'is not on the disk of the host: choose a folder such as /root',
    ),
  /** A text that stands in it, among others. */
  contains: z.string().min(1).max(1000).optional(),
});

/** A file is there on a host, whoever made it and how. */
export default defineCheck({
  name: 'file-exists',
  params,
  title: ({ host, path, contains }) => ({
    en: `${host} has a file ${path}${contains ? ` with “${contains}” in it` : ''}`,
    'zh-CN': `${host} 上有文件 ${path}${contains ? `，其中包含 “${contains}”` : ''}`,
  }),
  run: (ctx, { host, path, contains }) =>
    eventually(ctx, async () => {
      const file = await ctx.file(host, path);
      if (file === null) {
        return arriving(
          fail(
            { en: `There is no ${path} on ${host}.`, 'zh-CN': `${host} 上没有 ${path}。` },
            {
              en: `See with “ls -l ${folderOf(path)}” on ${host} what is there; it may have come to another host or folder.`,
              'zh-CN': `请在 ${host} 上运行 ls -l ${folderOf(path)} 看看有什么；文件可能到了另一台主机或另一个目录。`,
            },
          ),
        );
      }
      if (file.kind !== 'file') {
        return fail(
          {
            en: `${path} on ${host} is ${file.kind === 'folder' ? 'a folder' : 'something else'}; a file was expected.`,
            'zh-CN': `${host} 上的 ${path} ${file.kind === 'folder' ? '是一个目录' : '不是普通文件'}，应当是文件。`,
          },
          {
            en: 'Remove it, and make the file in its place.',
            'zh-CN': '请删除它，再创建文件。',
          },
        );
      }
      if (contains === undefined || file.text.includes(contains)) return pass();
      const seen = beginningOf(file.text);
      return arriving(
        fail(
          {
            en: `${path} on ${host} does not contain “${contains}”; ${seen.en}.`,
            'zh-CN': `${host} 上的 ${path} 不包含 “${contains}”；${seen['zh-CN']}。`,
          },
          {
            en: `Look at it with “cat ${path}” on ${host}, and write it again.`,
            'zh-CN': `请在 ${host} 上用 cat ${path} 查看，然后重新写入。`,
          },
        ),
      );
    }),
});

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
