import { z } from 'zod';
import { arriving, defineCheck, eventually, fail, hostName, type Message, pass } from './kit/index.ts';

const params = z.strictObject({
  /** In the scenario's folder. */
  file: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*\.sh$/, 'must be the name of a .sh file in the scenario’s folder'),
  host: hostName,
});

/** A script of the scenario's own says so: exit code 0 holds, 1 does not yet, and its last line is why. */
export default defineCheck({
  name: 'script',
  params,
  active: true,
  title: ({ file, host }) => ({
    en: `${file} finds everything in place on ${host}`,
    'zh-CN': `${file} 在 ${host} 上检查通过`,
  }),
  files: ({ file }) => [file],
  run: (ctx, { file, host }) =>
    eventually(ctx, async () => {
      const { exitCode, stdout, stderr } = await ctx.script(host, file);
      if (exitCode === 0) return pass();
      if (exitCode !== 1) {
        throw new Error(
          `${file} ended on ${host} with code ${exitCode}, which is neither 0 nor 1: ${lastLine(stderr) || lastLine(stdout)}`,
        );
      }
      return arriving(fail(reasonIn(stdout) ?? silent(file, host)));
    }),
});

/** Its last line, or its last `en: …` and its last `zh-CN: …` where it says either. */
function reasonIn(stdout: string): Message | undefined {
  const last = lastLine(stdout);
  if (last === '') return undefined;
  const said = (locale: string) =>
    linesOf(stdout)
      .findLast((line) => line.startsWith(`${locale}: `))
      ?.slice(locale.length + 2);
  const [en, zh] = [said('en'), said('zh-CN')];
  return { en: cut(en ?? zh ?? last), 'zh-CN': cut(zh ?? en ?? last) };
}

const silent = (file: string, host: string): Message => ({
  en: `${file} found something missing on ${host}, and did not say what.`,
  'zh-CN': `${file} 在 ${host} 上发现还缺少东西，但没有说明是什么。`,
});

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
const lastLine = (text: string): string => cut(linesOf(text).at(-1) ?? '');
const cut = (text: string): string => text.slice(0, 300);
