import { describe, expect, it } from 'vitest';
import { Stages, type StageEvent } from '../../../server/engines/stages.ts';

const MAKE = { id: 'make', name: { en: 'Make it', 'zh-CN': '制作' } };
const NEVER = new AbortController().signal;

describe('a stage', () => {
  it('tells of its start, its lines in order and its end, and gives the result', async () => {
    const events: StageEvent[] = [];
    const stages = new Stages((event) => events.push(event), NEVER);
    const result = await stages.run(MAKE, async ({ onLine }) => {
      onLine('one');
      await Promise.resolve();
      onLine('two');
      return 42;
    });
    expect(result).toBe(42);
    expect(events).toEqual([
      { stage: MAKE, state: 'started' },
      { stage: MAKE, state: 'progress', line: 'one' },
      { stage: MAKE, state: 'progress', line: 'two' },
      { stage: MAKE, state: 'finished', seconds: expect.any(Number) },
    ]);
  });

  it('that fails is told of by its error alone', async () => {
    const states: string[] = [];
    const failure = new Error('No room.');
    const stages = new Stages(({ state }) => states.push(state), NEVER);
    await expect(stages.run(MAKE, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(states).toEqual(['started']);
  });

  it('does not begin once they have been stopped', async () => {
    const states: string[] = [];
    const reason = new Error('Stopped.');
    const stages = new Stages(({ state }) => states.push(state), AbortSignal.abort(reason));
    await expect(stages.run(MAKE, () => Promise.resolve())).rejects.toBe(reason);
    expect(states).toEqual([]);
  });
});
