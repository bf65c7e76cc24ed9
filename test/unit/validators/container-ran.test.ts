import { describe, expect, test } from 'vitest';
import { FakeCluster, reason } from '../../../validators/kit/fake-cluster.ts';
import check from '../../../validators/container-ran.ts';

const params = { network: 'eg1', image: 'benhall/dig', command: 'dig http' };
const dig = { name: 'dig', image: 'benhall/dig', command: 'dig http', network: 'eg1', exitCode: 0 };
const pass = { outcome: 'pass' };

describe('container-ran', () => {
  test.each([
    ['the command as the lab has it', {}],
    ['a tag', { image: 'benhall/dig:latest' }],
    ['further words', { command: 'dig +short http' }],
    ['a shell in between', { command: 'sh -c "dig http | tail -1"' }],
    ['the program by its path', { command: '/usr/bin/dig http' }],
    ['the name in an address', { command: 'dig -u https://me@http:81/path?a=b' }],
    ['the name and a port', { command: 'dig http:80' }],
    ['the name’s root', { command: 'dig http.' }],
    ['an end by docker rm --force', { exitCode: 137 }],
    ['an end by docker stop', { exitCode: 143 }],
    ['an end by Ctrl-C', { exitCode: 130 }],
  ])('with %s passes, also of a container that has been removed', async (_name, change) => {
    for (const host of ['host01', 'host02']) {
      const cluster = new FakeCluster();
      cluster.addRun(host, { ...dig, ...change });
      expect(await check.run(cluster, params)).toEqual(pass);
    }
  });

  test('one that still runs passes, and one of which nothing but the container itself is known', async () => {
    const running = new FakeCluster();
    const { exitCode: _, ...without } = dig;
    running.addRun('host01', without);
    expect(await check.run(running, params)).toEqual(pass);
    const known = new FakeCluster();
    known.containers['host01'] = [
      {
        id: 'c1',
        names: ['dig'],
        image: 'benhall/dig',
        command: 'dig http',
        state: 'exited',
        networks: [{ name: 'eg1', id: 'net1' }],
        serviceId: null,
      },
    ];
    expect(await check.run(known, params)).toEqual(pass);
  });

  test('what is executed in a container that is attached counts, and only then', async () => {
    const wanted = { network: 'eg1', command: 'ping http' };
    const cluster = new FakeCluster();
    const inside = cluster.addRun('host01', {
      name: 'c',
      image: 'alpine',
      command: 'sleep 9',
      network: 'eg1',
    });
    expect(reason(await check.run(cluster, wanted))).toBe('c has run “sleep 9”; “ping http” was expected.');
    cluster.addExec('host01', inside, 'ping -c1 http');
    expect(await check.run(cluster, wanted)).toEqual(pass);
    const outside = new FakeCluster();
    outside.addExec(
      'host01',
      outside.addRun('host01', { name: 'c', image: 'alpine', network: 'other' }),
      'ping http',
    );
    expect(reason(await check.run(outside, wanted))).toContain('not on network eg1; it was on other');
  });

  test('what a service has started does not count, but what is executed in it', async () => {
    const cluster = new FakeCluster();
    const id = cluster.addRun('host01', { name: 'web.1', image: 'web', command: 'dig http', network: 'eg1' });
    const created = cluster.events['host01']?.[0];
    if (created)
      Object.assign(created, { attributes: { ...created.attributes, 'com.docker.swarm.service.id': 's' } });
    expect(reason(await check.run(cluster, { network: 'eg1' }))).toBe('No container has been run.');
    cluster.addExec('host01', id, 'dig http');
    expect(await check.run(cluster, { network: 'eg1', command: 'dig http' })).toEqual(pass);
  });

  test('a health check of a service is nobody’s doing, and not spoken of', async () => {
    const cluster = new FakeCluster();
    const id = cluster.addRun('host01', { name: 'web.1', image: 'web', network: 'app' });
    const created = cluster.events['host01']?.[0];
    if (created)
      Object.assign(created, { attributes: { ...created.attributes, 'com.docker.swarm.service.id': 's' } });
    cluster.addExec('host01', id, 'wget -q http://127.0.0.1/health');
    expect(reason(await check.run(cluster, { network: 'eg1', command: 'http' }))).toBe(
      'No container has been run.',
    );
  });

  test.each([
    ['another image', { image: 'alpine' }, 'No container of benhall/dig has been run.'],
    ['another network', { network: 'bridge' }, 'dig has run, but not on network eg1; it was on bridge.'],
    ['another command', { command: 'dig https' }, 'dig has run “dig https”; “dig http” was expected.'],
    ['a scheme that is no name', { command: 'dig http://web' }, 'dig has run “dig http://web”'],
    ['the words in another order', { command: 'http dig' }, 'dig has run “http dig”'],
    ['a command that was not seen', { command: undefined }, 'was gone before it could be seen'],
    ['a failure', { exitCode: 9 }, 'dig has run on host01, but failed: its exit code is 9.'],
  ])('%s fails with its own reason', async (_name, change, expected) => {
    const cluster = new FakeCluster();
    const { command, ...rest } = { ...dig, ...change };
    cluster.addRun('host01', { ...rest, ...(command !== undefined && { command }) });
    expect(reason(await check.run(cluster, params))).toContain(expected);
  });

  test('a hint does not send to a container that has gone, or that was not what failed', async () => {
    const failing = { ...dig, exitCode: 1 };
    const removed = new FakeCluster();
    removed.addRun('host01', failing);
    expect(await check.run(removed, params)).toMatchObject({
      reason: { en: 'dig has run on host01, but failed: its exit code is 1.' },
      hint: { en: 'Run it again, and read what it says.' },
    });
    const exited = new FakeCluster();
    const id = exited.addRun('host01', failing);
    const { image, command } = dig;
    const rest = { image, command, state: 'exited', networks: [], serviceId: null };
    exited.containers['host01'] = [{ id, names: ['dig'], ...rest }];
    expect(await check.run(exited, params)).toMatchObject({
      hint: { en: expect.stringContaining('docker rm dig') },
    });
    const executed = new FakeCluster();
    const idle = executed.addRun('host01', { ...dig, command: 'sleep 600' });
    executed.addExec('host01', idle, 'dig http', 9);
    expect(await check.run(executed, params)).toMatchObject({
      reason: { en: '“dig http” has run in dig on host01, but failed: its exit code is 9.' },
      hint: { en: 'Run it again, and read what it says.' },
    });
  });

  test('what is executed counts also in a container that is older than all that is known of its host', async () => {
    const cluster = new FakeCluster();
    const rest = { image: 'benhall/dig', command: 'sleep 600', state: 'running', serviceId: null };
    cluster.containers['host01'] = [
      { id: 'c1', names: ['c'], networks: [{ name: 'eg1', id: 'n1' }], ...rest },
    ];
    cluster.addExec('host01', 'c1', 'dig http');
    expect(await check.run(cluster, params)).toEqual(pass);
  });

  test('where a host is asked for, others do not count', async () => {
    const cluster = new FakeCluster();
    cluster.addRun('host01', dig);
    expect(reason(await check.run(cluster, { ...params, host: 'host02' }))).toContain('on host02');
    expect(await check.run(cluster, { ...params, host: 'host01' })).toEqual(pass);
  });

  test('one that was created and never started has not run', async () => {
    const cluster = new FakeCluster();
    cluster.addRun('host01', dig);
    cluster.events['host01'] = cluster.events['host01']?.slice(0, 2) ?? [];
    expect(reason(await check.run(cluster, params))).toBe('No container of benhall/dig has been run.');
  });

  test('one that comes while the check waits passes', async () => {
    const cluster = new FakeCluster();
    cluster.onWait = () => void cluster.addRun('host01', dig);
    expect(await check.run(cluster, params)).toEqual(pass);
  });
});
