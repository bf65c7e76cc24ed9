import { describe, expect, test } from 'vitest';
import { splitOutput } from '../../../server/checks/docker-stream.ts';
import { EngineClient } from '../../../server/checks/engine-client.ts';
import { engineView } from '../../../server/checks/engine-view.ts';
import { frame } from '../../support/engine-frame.ts';
import { fakeEngine } from './fake-engine.ts';

const viewOf = (engine: ReturnType<typeof fakeEngine>) =>
  engineView(new EngineClient(engine.host, new AbortController().signal));

describe('splitOutput', () => {
  const bytes = Buffer.concat([
    frame('stdout', 'out 一\n'),
    frame('stderr', 'err\n'),
    frame('stdout', 'more\n'),
  ]);

  test('frames are put back together, each stream on its own', () => {
    expect(splitOutput(bytes)).toEqual({ stdout: 'out 一\nmore\n', stderr: 'err\n' });
  });

  test('cut anywhere, it gives a beginning of the whole and never throws', () => {
    for (let end = 0; end <= bytes.length; end += 1) {
      const { stdout } = splitOutput(bytes.subarray(0, end));
      expect('out 一\nmore\n'.startsWith(stdout.replace(/\ufffd+$/, ''))).toBe(true);
    }
  });

  test("a terminal's output has no frames", () => {
    expect(splitOutput(Buffer.from('PING http (10.0.1.2)\r\n')).stdout).toBe('PING http (10.0.1.2)\r\n');
  });
});

describe('engineView', () => {
  test('a service is read as the API gives it, absent parts and all', async () => {
    await using engine = fakeEngine(() => [
      {
        ID: 's1',
        Spec: {
          Name: 'http',
          Mode: { Replicated: {} },
          TaskTemplate: { ContainerSpec: { Image: 'app:1@sha256:0' }, Networks: [{ Target: 'net1' }] },
        },
        Endpoint: { VirtualIPs: [{ NetworkID: 'net1', Addr: '10.0.1.2/24' }] },
      },
      { ID: 's2', Spec: { Name: 'all', Mode: { Global: {} }, TaskTemplate: {} } },
    ]);
    const view = viewOf(engine);
    expect(await view.services()).toEqual([
      {
        id: 's1',
        name: 'http',
        mode: 'replicated',
        replicas: 1,
        image: 'app:1@sha256:0',
        endpointMode: 'vip',
        networks: ['net1'],
        ports: [],
        virtualIps: [{ networkId: 'net1', address: '10.0.1.2' }],
      },
      {
        id: 's2',
        name: 'all',
        mode: 'global',
        replicas: null,
        image: '',
        endpointMode: 'vip',
        networks: [],
        ports: [],
        virtualIps: [],
      },
    ]);
  });

  test('a list that Go leaves null is empty', async () => {
    await using engine = fakeEngine(() => null);
    const view = viewOf(engine);
    expect(await view.containers()).toEqual([]);
  });

  test('where the host reaches a container of a service is told without the size of the network', async () => {
    await using engine = fakeEngine(() => ({
      Containers: {
        c1: { Name: 'gateway_1', IPv4Address: '172.18.0.3/16' },
        c2: { Name: 'gateway_2', IPv4Address: '' },
      },
    }));
    const view = viewOf(engine);
    expect(await view.containerAddress('c1')).toBe('172.18.0.3');
    expect(await view.containerAddress('c2')).toBe(null);
    expect(await view.containerAddress('c3')).toBe(null);
    expect(engine.asked[0]).toBe('GET /networks/docker_gwbridge');
  });

  test('of a long log the newest part is given', async () => {
    await using engine = fakeEngine((_path, _request, response) => {
      for (let line = 1; line <= 500; line += 1)
        response.write(frame('stdout', `${line}:${'x'.repeat(16_000)}\n`));
      response.end(frame('stderr', 'last words\n'));
      return undefined;
    });
    const log = await viewOf(engine).logs('c1');
    expect(log).toContain('\n500:x');
    expect(log).toContain('last words');
    expect(log).not.toContain('\n1:x');
    expect(log.length).toBeLessThan(300 * 1024);
  });

  test('a container that prints without end is cut, and the next look still answers', async () => {
    await using engine = fakeEngine((path, _request, response) => {
      if (!path.includes('/logs')) return null;
      const timer = setInterval(() => response.write(frame('stdout', 'x'.repeat(100_000))), 1);
      response.on('close', () => clearInterval(timer));
      return undefined;
    });
    const view = viewOf(engine);
    const { length } = await view.logs('c1');
    expect(length).toBeGreaterThan(200_000);
    expect(length).toBeLessThanOrEqual(256 * 1024);
    expect(await view.networks()).toEqual([]);
  });

  test.each([
    ['a list', `[${'1,'.repeat(1_900_000)}1]`],
    ['a list of what lacks everything', `[${'{},'.repeat(1_300_000)}{}]`],
    ['a map', `[{"Id":"c1","Labels":{${Array.from({ length: 300_000 }, (_, i) => `"${i}":1`).join()}}}]`],
  ])('%s with a million things that are wrong is refused for the first of them', async (_name, answer) => {
    await using engine = fakeEngine((_path, _request, response) => void response.end(answer));
    const error = await viewOf(engine)
      .containers()
      .catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({
      host: 'host01',
      message: expect.stringContaining('not what Docker answers'),
    });
    expect(error).toMatchObject({ cause: { issues: [expect.anything()] } });
  });

  test('an engine that only ever says that it goes on is not listened to', async () => {
    await using engine = fakeEngine((_path, _request, response) => {
      const timer = setInterval(() => response.writeProcessing(), 1);
      response.on('close', () => clearInterval(timer));
      return undefined;
    });
    await expect(viewOf(engine).containers()).rejects.toThrow('parts that say nothing');
  });

  test('what a host calls itself stays on one line and is bounded', async () => {
    await using engine = fakeEngine(() => ({
      Swarm: { LocalNodeState: 'error', NodeID: '', Error: `a\nb${'x'.repeat(10_000)}` },
    }));
    const view = viewOf(engine);
    const { error } = await view.swarm();
    expect(error).toMatch(/^a bx+$/);
    expect(error.length).toBeLessThanOrEqual(500);
  });
});
