import { delimiter } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runProgram } from '../../../server/engines/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const shell = (script: string, options?: Parameters<typeof runProgram>[2]) =>
  runProgram('sh', ['-c', script], options);

afterEach(() => vi.unstubAllEnvs());

describe('running a program', () => {
  it('gives what it printed on both of its outputs', async () => {
    expect((await shell('echo one; echo two >&2')).split('\n').toSorted()).toEqual(['one', 'two']);
  });

  it('hands on each line while the program runs', async () => {
    await using folder = await temporaryFolder();
    const lines: string[] = [];
    // The program ends only after its first line has been handed on.
    const seen = `[ -e '${folder.path}/seen' ]`;
    const script = `echo first; for i in $(seq 500); do ${seen} && break; sleep 0.02; done; ${seen} && printf last`;
    const writes: Promise<string>[] = [];
    await shell(script, {
      onLine: (line) => {
        lines.push(line);
        writes.push(folder.write('seen', ''));
      },
    });
    await Promise.all(writes);
    expect(lines).toEqual(['first', 'last']);
  });

  it.each([['with its lines wanted', { onLine: () => undefined }] as const, ['without', {}] as const])(
    'fails with its exit code and its last lines when the program fails, %s',
    async (_, options) => {
      const script = 'i=1; while [ $i -le 40 ]; do echo "line $i."; i=$((i+1)); done; exit 3';
      const error = await shell(script, options).then(String, String);
      expect(error).toContain('sh failed (Command failed with exit code 3');
      expect(error).toContain('line 11.');
      expect(error).toMatch(/line 40\.$/);
      expect(error).not.toContain('line 10.');
    },
  );

  it('fails with its name when there is no such program', async () => {
    await expect(runProgram('no-such-program', [])).rejects.toThrow(/^no-such-program failed .*ENOENT/s);
  });

  it('fails with the reason of the signal that ends it', async () => {
    const stop = new AbortController();
    const reason = new Error('Stopped by the operator.');
    const running = shell('echo started; exec sleep 30', {
      signal: stop.signal,
      onLine: () => stop.abort(reason),
    });
    await expect(running).rejects.toBe(reason);
  });

  it('takes nothing from the standard input of this process', async () => {
    expect(await shell('cat; echo end')).toBe('end');
  });

  it('speaks English to the program, whatever the language of its caller', async () => {
    vi.stubEnv('LANG', 'zh_CN.UTF-8');
    vi.stubEnv('LC_ALL', 'zh_CN.UTF-8');
    vi.stubEnv('LANGUAGE', 'zh_CN:zh');
    expect(await shell('echo "$LC_ALL:$LANGUAGE"')).toBe('C.UTF-8:');
  });

  it('gives it the variables that were asked for above those of this process', async () => {
    vi.stubEnv('KEPT', 'kept');
    vi.stubEnv('CHANGED', 'before');
    expect(await shell('echo $KEPT $CHANGED', { env: { CHANGED: 'after' } })).toBe('kept after');
  });

  it('finds programs in PATH first, and those of the system that PATH leaves out', async () => {
    await using folder = await temporaryFolder();
    await folder.write('sh', '#!/bin/sh\necho "of PATH: $PATH"\n', 0o755);
    vi.stubEnv('PATH', folder.path);
    expect(await shell('')).toBe(`of PATH: ${[folder.path, '/usr/sbin', '/sbin'].join(delimiter)}`);
  });
});
