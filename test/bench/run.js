// `npm run bench`: the figures of the README, measured on this machine, on the Node.js that the project runs on.
import { join } from 'node:path';
import { become, ROOT } from '../../server/cli/packages.js';

become([join(ROOT, 'test/bench/main.ts'), ...process.argv.slice(2)]);
