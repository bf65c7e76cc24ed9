// `npm run look -- FOLDER`: a picture of every state of the page, to be looked at.
import { join } from 'node:path';
import { become, ROOT } from '../../server/cli/packages.js';

become([join(ROOT, 'test/look/main.ts'), ...process.argv.slice(2)]);
