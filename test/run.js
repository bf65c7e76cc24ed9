// `npm test`: every suite on the Node.js that the project runs on, whatever the machine's is.
import { join } from 'node:path';
import { become, ROOT } from '../server/cli/packages.js';

become([join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)]);
