import { describe, expect, test } from 'vitest';
import { ClusterChecks } from '../../../server/checks/cluster-checks.ts';
import type { CheckSpec } from '../../../server/scenarios/scenario.ts';
import { Signal } from '../../support/signal.ts';
import { fakeEngine, JOINED, joined, type Answer } from './fake-engine.ts';

const never = new AbortController().signal;

const check = (validator: string, params: unknown): CheckSpec => ({
  validator,
  params,
  title: { en: validator },
  files: new Map(),
});
const ANSWERS = check('http-answers', { host: 'host01', port: 80 });
const step = (checks: readonly CheckSpec[], restsOn: readonly CheckSpec[] = []) => ({
  id: 'second',
  checks,
  restsOn: restsOn.length === 0 ? [] : [{ number: 1, title: { en: 'First' }, checks: restsOn }],
});

const event = (action: string, id: string) =>
  `${JSON.stringify({ Type: 'container', Action: action, Actor: { ID: id, Attributes: { image: 'alpine' } }, timeNano: 1e18 })}\n`;

/** A cluster whose engine has events when a test says so, and whose host counts who calls it. */
function setUp(answer: Answer = joined) {
  const tell: ((line: string) => void)[] = [];
  const engine = fakeEngine((path, request, response) => {
    if (!path.startsWith('/events')) return answer(path, request, response);
    response.writeHead(200).flushHeaders();
    tell.push((line) => response.write(line));
    return undefined;
  });
  let calls = 0;
  // Answered at once, so that nothing is called again for patience's sake.
  engine.host.dial = (_address, _port, signal) => {
    calls += 1;
    return engine.host.dialEngine(signal);
  };
  const checks = new ClusterChecks(engine.cluster);
  const changed = new Signal();
  let changes = 0;
  checks.onChange(() => {
    changes += 1;
    changed.notify();
  });
  return {
    engine,
    checks,
    calls: () => calls,
    /** Something happens on the host, and has been seen. */
    happen: async (action: string, id = 'c1') => {
      const before = changes;
      await expect.poll(() => tell.length).toBeGreaterThan(0);
      tell.at(-1)?.(event(action, id));
      await changed.until(() => changes > before);
    },
    [Symbol.asyncDispose]: async () => {
      checks[Symbol.dispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

const away: Answer = (path) => (path === '/info' ? { Swarm: { LocalNodeState: 'inactive' } } : []);

describe('the checks of a step', () => {
  test('that send something are made only once those that ask hold', async () => {
    await using lab = setUp(away);
    const verdicts = await lab.checks.look(step([JOINED, ANSWERS]), never);
    expect(verdicts.map((verdict) => verdict?.outcome ?? null)).toEqual(['fail', null]);
    expect(lab.calls()).toBe(0);
  });

  test('begin with what the step rests on, and name the step that has come undone', async () => {
    await using lab = setUp(away);
    for (const made of ['look', 'check'] as const) {
      const [first, second] = await lab.checks[made](step([ANSWERS, JOINED], [ANSWERS, JOINED]), never);
      expect(second).toBe(null);
      expect(first).toMatchObject({
        outcome: 'fail',
        reason: {
          en: 'Step 1, “First”, does not hold any more: host01 is in no swarm; it should manage one.',
          'zh-CN': '第 1 步“First”已不再成立：host01 不在任何 swarm 里，它应当是管理节点。',
        },
        hint: { en: expect.stringContaining('docker swarm init') },
      });
    }
    expect(lab.calls()).toBe(0);
  });

  test('go on where that holds', async () => {
    await using lab = setUp();
    expect(await lab.checks.look(step([JOINED], [JOINED]), never)).toEqual([{ outcome: 'pass' }]);
  });
});

describe('looking without being asked', () => {
  test('waits for nothing', async () => {
    await using lab = setUp(away);
    await lab.checks.look(step([JOINED]), never);
    // A look that waits asks again.
    expect(lab.engine.asked.filter((each) => each === 'GET /info')).toHaveLength(1);
  });

  test('asks an engine nothing twice at one time, and anew the next time', async () => {
    await using lab = setUp();
    const asked = () => lab.engine.asked.filter((each) => !each.includes('/events')).toSorted();
    await lab.checks.look(step([JOINED, JOINED], [JOINED]), never);
    expect(asked()).toEqual(['GET /info', 'GET /nodes']);
    await lab.checks.look(step([JOINED]), never);
    expect(asked()).toEqual(['GET /info', 'GET /info', 'GET /nodes', 'GET /nodes']);
  });

  test('sends something once for each state of the cluster, and says the same meanwhile', async () => {
    await using lab = setUp();
    await lab.happen('start');
    const first = await lab.checks.look(step([JOINED, ANSWERS]), never);
    expect(lab.calls()).toBe(1);
    expect(await lab.checks.look(step([JOINED, ANSWERS]), never)).toEqual(first);
    await lab.happen('exec_start: sh');
    await lab.checks.look(step([JOINED, ANSWERS]), never);
    expect(lab.calls()).toBe(1);
    await lab.happen('start', 'c2');
    await lab.checks.look(step([JOINED, ANSWERS]), never);
    expect(lab.calls()).toBe(2);
  });

  test('does not send again what the learner’s own check has just sent, but that always sends', async () => {
    await using lab = setUp();
    await lab.checks.check(step([ANSWERS]), never);
    await lab.checks.look(step([ANSWERS]), never);
    expect(lab.calls()).toBe(1);
    await lab.checks.check(step([ANSWERS]), never);
    expect(lab.calls()).toBe(2);
  });
});

describe('looking on at a host', () => {
  const ran = check('container-ran', { image: 'alpine' });
  const nothing: Answer = () => [];

  test('remembers a container that is gone', async () => {
    await using lab = setUp(nothing);
    await lab.happen('create');
    await lab.happen('start');
    await lab.happen('destroy');
    expect(await lab.checks.look(step([ran]), never)).toEqual([{ outcome: 'pass' }]);
  });

  test('sees what it runs, at once', async () => {
    const command = { Config: { Entrypoint: ['/bin/sh', '-c'], Cmd: ['dig http'] } };
    await using lab = setUp((path) => (path === '/containers/c1/json' ? command : []));
    await lab.happen('create');
    await lab.happen('start');
    await expect
      .poll(() => lab.checks.look(step([check('container-ran', { command: 'dig http' })]), never))
      .toEqual([{ outcome: 'pass' }]);
  });

  test('goes on when the engine has broken off, and takes nothing twice', async () => {
    await using lab = setUp(nothing);
    await lab.happen('create');
    await lab.happen('start');
    await lab.engine.cluster[Symbol.asyncDispose]();
    await expect
      .poll(() => lab.engine.asked.filter((each) => each.includes('/events')).length, { timeout: 9_000 })
      .toBe(2);
    expect(lab.engine.asked.findLast((each) => each.includes('/events'))).toContain('since=1000000000&');
    expect(await lab.checks.look(step([ran]), never)).toEqual([{ outcome: 'pass' }]);
  }, 15_000);
});
