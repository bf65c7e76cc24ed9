// `npm run check`: types, lint and format, without running anything. All are told, and the worst is the result.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensurePackages, ROOT } from '../server/cli/packages.js';

const node = ensurePackages();
const tool = (path, ...args) => ({ command: node, args: [join(ROOT, 'node_modules', path), ...args] });
const checks = [
  { name: 'types', ...tool('typescript/bin/tsc', '--build') },
  { name: 'lint', ...tool('oxlint/bin/oxlint', '--type-aware') },
  { name: 'format', ...tool('prettier/bin/prettier.cjs', '--check', '.') },
];
const failed = checks.filter(({ name, command, args }) => {
  process.stdout.write(`${name} …\n`);
  return spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' }).status !== 0;
});
if (failed.length > 0) process.stderr.write(`Not clean: ${failed.map(({ name }) => name).join(', ')}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
