// A server that others reach, over fake clusters: `node serve-exposed.ts ADDRESS PAGE` prints its address in a line.
import { smallLab } from '../page/small-lab.ts';
import { startTestApp } from './test-app.ts';

const [, , host = '', page = ''] = process.argv;
const app = await startTestApp({ site: { host }, page, scenario: smallLab });
process.stdout.write(`${app.url}\n`);
