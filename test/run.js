// `npm test`: every suite but the long ones, or those that are named, on the Node.js that the project runs on, whatever
// the machine's is.
import { join } from 'node:path';
import { become, ROOT } from '../server/cli/packages.js';

const words = process.argv.slice(2);
const chosen = words.some((word) => /^--project\b/.test(word))
  ? []
  : ['--project', '!full', '--project', '!release'];
become([join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...chosen, ...words]);
