import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { labelledContext, labelStages } from '../../../server/images/labelled-context.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const LABELS = { 'drydock.owner': 'ab"c' };
const LABEL = 'LABEL "drydock.owner"="ab\\"c"';

it('every stage begins with the labels, and no other instruction is touched', () => {
  const lines = [
    '# FROM nothing',
    'ARG BASE=debian',
    'FROM ${BASE} AS parts',
    'RUN echo select \\',
    '# still the same command',
    '  FROM table',
    'from scratch \\',
    '  AS last',
    'COPY --from=parts / /',
    '',
  ];
  expect(labelStages(lines.join('\n'), LABELS).split('\n')).toEqual([
    ...lines.slice(0, 3),
    LABEL,
    ...lines.slice(3, 8),
    LABEL,
    ...lines.slice(8),
  ]);
});

it('the folder itself stays as it is, and its copy goes when it has been used', async () => {
  await using given = await temporaryFolder();
  await given.write('Dockerfile', 'FROM scratch\n');
  const program = await given.write('files/start', '#!/bin/sh\n', 0o755);
  let copied: string;
  {
    await using context = await labelledContext(given.path, LABELS);
    copied = context.folder;
    expect(await readFile(join(copied, 'Dockerfile'), 'utf8')).toBe(`FROM scratch\n${LABEL}\n`);
    expect((await stat(join(copied, 'files/start'))).mode).toBe((await stat(program)).mode);
  }
  await expect(stat(copied)).rejects.toThrow('ENOENT');
  expect(await readFile(join(given.path, 'Dockerfile'), 'utf8')).toBe('FROM scratch\n');
});
