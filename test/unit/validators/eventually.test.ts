import { describe, expect, test } from 'vitest';
import { arriving, converging, eventually, fail, pass } from '../../../validators/kit/index.ts';
import { FakeCluster } from '../../../validators/kit/fake-cluster.ts';

const notYet = fail({ en: 'not yet', 'zh-CN': '还没有' });

describe('eventually', () => {
  test('a state that converges in time passes', async () => {
    const cluster = new FakeCluster();
    const verdict = await eventually(cluster, async () =>
      cluster.clock.now() >= 15_000 ? pass() : converging(notYet),
    );
    expect(verdict).toEqual({ outcome: 'pass' });
  });

  test('a state that never converges gives its last fail within 20 seconds', async () => {
    const cluster = new FakeCluster();
    let looks = 0;
    const verdict = await eventually(cluster, async () => {
      looks += 1;
      return converging(fail({ en: `look ${looks}`, 'zh-CN': '' }));
    });
    expect(verdict).toMatchObject({ outcome: 'fail', reason: { en: `look ${looks}` } });
    expect(looks).toBeGreaterThan(1);
    expect(cluster.clock.now()).toBeLessThanOrEqual(20_000);
  });

  test('nothing there at all is waited for less long than something under way', async () => {
    const cluster = new FakeCluster();
    await eventually(cluster, async () => arriving(notYet));
    expect(cluster.clock.now()).toBeGreaterThan(0);
    expect(cluster.clock.now()).toBeLessThanOrEqual(5_000);
  });

  test('a wrong state that no waiting changes is told at once', async () => {
    const cluster = new FakeCluster();
    expect(await eventually(cluster, async () => notYet)).toBe(notYet);
    expect(cluster.clock.now()).toBe(0);
  });

  test('a wait that the deadline ends rejects, which makes the check an error', async () => {
    const cluster = new FakeCluster();
    cluster.onWait = () => {
      throw new Error('aborted');
    };
    await expect(eventually(cluster, async () => converging(notYet))).rejects.toThrow('aborted');
  });
});
