import { describe, expect, test } from 'vitest';
import fileExists from '../../../validators/file-exists.ts';
import httpAnswers from '../../../validators/http-answers.ts';
import { FakeCluster, reason } from '../../../validators/kit/fake-cluster.ts';
import script from '../../../validators/script.ts';

const pass = { outcome: 'pass' };

describe('file-exists', () => {
  const params = { host: 'host02', path: '/root/note.txt', contains: 'host01' };
  const look = (file: { kind: 'file' | 'folder' | 'other'; text: string } | null, at = 'host02') => {
    const cluster = new FakeCluster();
    if (file !== null) cluster.files[`${at}:/root/note.txt`] = file;
    return fileExists.run(cluster, params);
  };

  test('a file with the text passes, whatever else is in it', async () => {
    expect(await look({ kind: 'file', text: 'yes, host01 was here\n' })).toEqual(pass);
  });

  test.each([
    ['none', null, 'There is no /root/note.txt on host02.'],
    ['a folder', { kind: 'folder', text: '' }, 'is a folder; a file was expected'],
    ['an empty one', { kind: 'file', text: '\n' }, 'does not contain “host01”; it is empty'],
    ['another text', { kind: 'file', text: 'a\nb' }, 'does not contain “host01”; it begins with “a b”'],
  ] as const)('%s fails with its own reason', async (_name, file, expected) => {
    expect(reason(await look(file))).toContain(expected);
  });

  test('on another host it is not there', async () => {
    expect(reason(await look({ kind: 'file', text: 'host01' }, 'host01'))).toContain('no /root/note.txt');
  });

  test.each([
    ...[
      'note.txt',
      '/tmp/note.txt',
      '/proc/1/status',
      '/root/',
      '/',
      '//tmp/a',
      '/./tmp/a',
      '/root/../tmp/a',
    ],
    ...['/root/..', '/var/run/a'],
  ])('the path %s is refused', (path) => {
    expect(fileExists.params.safeParse({ host: 'host01', path }).success).toBe(false);
  });

  test.each(['/root/.bashrc', '/root/..a/b.', '/etc/a b', '/tmpfile', '/var/runner/a'])(
    'the path %s is taken',
    (path) => {
      expect(fileExists.params.safeParse({ host: 'host01', path }).success).toBe(true);
    },
  );
});

describe('http-answers', () => {
  const params = { host: 'host02', port: 8080, from: 'host01', contains: 'Hello' };

  test('an answer with the text passes, asked once from the one host at the address of the other', async () => {
    const cluster = new FakeCluster();
    cluster.httpReply = () => ({ status: 200, body: '<h1>Hello</h1>' });
    expect(await httpAnswers.run(cluster, params)).toEqual(pass);
    expect(cluster.requests).toEqual([{ from: 'host01', to: '172.16.0.12:8080', what: '/' }]);
  });

  test.each([
    [
      'no answer',
      { failure: 'Connection refused' },
      'host02 does not answer host01 on port 8080 (Connection refused)',
    ],
    ['another status', { status: 404, body: 'Hello' }, 'with status 404; 200 was expected'],
    ['an empty answer', { status: 200, body: '' }, 'it is empty'],
    ['another text', { status: 200, body: 'It works' }, 'it begins with “It works”'],
  ])('%s fails with its own reason', async (_name, reply, expected) => {
    const cluster = new FakeCluster();
    cluster.httpReply = () => reply;
    expect(reason(await httpAnswers.run(cluster, params))).toContain(expected);
  });

  test('a server that starts while the check waits passes', async () => {
    const cluster = new FakeCluster();
    cluster.onWait = () => (cluster.httpReply = () => ({ status: 200, body: 'Hello' }));
    expect(await httpAnswers.run(cluster, params)).toEqual(pass);
  });
});

describe('script', () => {
  const params = { file: 'verify.sh', host: 'host01' };
  const ended = (exitCode: number, stdout = '', stderr = '') => {
    const cluster = new FakeCluster();
    cluster.scriptResult = () => ({ exitCode, stdout, stderr });
    return script.run(cluster, params);
  };

  test('names its file, so that the scenario brings it along', () => {
    expect(script.files(params)).toEqual(['verify.sh']);
  });

  test.each(['../verify.sh', '/verify.sh', 'a/verify.sh', 'verify.txt', '.sh'])(
    'the file %s is refused',
    (file) => {
      expect(script.params.safeParse({ ...params, file }).success).toBe(false);
    },
  );

  test('exit code 0 passes', async () => {
    expect(await ended(0, 'all is well')).toEqual(pass);
  });

  test('exit code 1 fails with its last line, in both languages', async () => {
    expect(await ended(1, 'looking\nno page there\n\n')).toEqual({
      outcome: 'fail',
      reason: { en: 'no page there', 'zh-CN': 'no page there' },
    });
  });

  test('a reason in each language is told in each', async () => {
    expect(await ended(1, 'en: no page\nzh-CN: 没有页面\n')).toMatchObject({
      reason: { en: 'no page', 'zh-CN': '没有页面' },
    });
  });

  test('one that says nothing fails all the same', async () => {
    expect(reason(await ended(1))).toContain('did not say what');
  });

  test('what it says is bounded', async () => {
    expect(reason(await ended(1, 'x'.repeat(60_000))).length).toBeLessThanOrEqual(300);
  });

  test.each([2, 124, 127, 137])('any other exit code, such as %i, breaks the check', async (code) => {
    await expect(ended(code, 'half', 'curl: not found')).rejects.toThrow(
      `with code ${code}, which is neither 0 nor 1: curl: not found`,
    );
  });
});
