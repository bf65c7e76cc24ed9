import { pino } from 'pino';
import { expect, it } from 'vitest';
import { boundedWarnings } from '../../../server/access/bounded-warnings.ts';
import { MemoryLog } from '../../support/memory-log.ts';

it('what anybody can cause is in the log, but cannot fill it, and what was left out is counted', () => {
  let now = 0;
  const log = new MemoryLog();
  const warn = boundedWarnings(pino({}, log), () => now);
  for (let each = 0; each < 1000; each++) warn({ each }, 'refused');
  expect(log.lines).toHaveLength(200);
  now = 1000;
  warn({ each: 1000 }, 'refused');
  const last: unknown = JSON.parse(log.lines.at(-1) ?? '');
  expect(last).toMatchObject({ level: 40, msg: 'refused', each: 1000, leftOut: 800 });
});
