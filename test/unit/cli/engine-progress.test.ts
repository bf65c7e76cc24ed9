import { describe, expect, it } from 'vitest';
import { EngineProgress, type Progress, type StageSeconds } from '../../../server/cli/engine-progress.ts';
import { keepStageSeconds, readStageSeconds } from '../../../server/cli/stage-seconds.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const stage = (id: string) => ({ id, name: { en: `Do ${id}`, 'zh-CN': id } });
const [GUEST, DISKS, BOOT] = [stage('guest'), stage('disks'), stage('boot')] as const;
const KNOWN = { guest: 60, disks: 30, boot: 40, 'boot kept': 8 };

/** A preparation on a clock that the test moves. */
function preparing(known: StageSeconds = KNOWN) {
  let now = 0;
  const told: Progress[] = [];
  const progress = new EngineProgress(
    [GUEST, DISKS, BOOT],
    known,
    (each) => told.push(each),
    () => now,
  );
  const left = () => progress.progress.secondsLeft;
  const start = (which: typeof GUEST) => progress.onStage({ stage: which, state: 'started' });
  const run = (which: typeof GUEST, seconds: number) => {
    start(which);
    now += seconds;
    progress.onStage({ stage: which, state: 'finished', seconds });
  };
  const states = () => progress.progress.stages.map(({ state }) => state);
  return {
    progress,
    told,
    left,
    start,
    run,
    states,
    pass: (seconds: number) => (now += seconds),
    [Symbol.dispose]: () => progress[Symbol.dispose](),
  };
}

describe('the stages', () => {
  it('are to come, now and done, in both languages', () => {
    using engine = preparing();
    expect(engine.states()).toEqual(['to-come', 'to-come', 'to-come']);
    engine.start(GUEST);
    expect(engine.told.at(-1)?.stages).toEqual([
      { id: 'guest', name: { en: 'Do guest', 'zh-CN': 'guest' }, state: 'now' },
      expect.objectContaining({ id: 'disks', state: 'to-come' }),
      expect.objectContaining({ id: 'boot', state: 'to-come' }),
    ]);
    engine.run(GUEST, 60);
    expect(engine.states()).toEqual(['done', 'to-come', 'to-come']);
  });

  it('that have nothing to do are done when a later one begins', () => {
    using engine = preparing();
    engine.start(BOOT);
    expect(engine.states()).toEqual(['done', 'done', 'now']);
  });

  it('of something else are passed over', () => {
    using engine = preparing();
    engine.run(stage('page'), 5);
    expect([engine.told, engine.states()]).toEqual([[], ['to-come', 'to-come', 'to-come']]);
  });
});

describe('the time left', () => {
  it('is not known before it shows whether there is something to build', () => {
    using engine = preparing();
    engine.start(GUEST);
    expect(engine.left()).toBeNull();
    engine.pass(1);
    expect(engine.left()).toBe(59 + 30 + 40);
  });

  it('is that of the boot alone where everything else is kept', () => {
    using engine = preparing();
    engine.run(GUEST, 0.1);
    engine.run(DISKS, 0.2);
    engine.start(BOOT);
    expect(engine.left()).toBe(8);
    engine.pass(3);
    expect(engine.left()).toBe(5);
  });

  it('counts what is to come in full once something was built', () => {
    using engine = preparing();
    engine.run(GUEST, 0.1);
    engine.run(DISKS, 20);
    expect(engine.left()).toBe(40);
  });

  it('never goes up, whatever takes longer, and is then not told', () => {
    using engine = preparing();
    const seen: (number | null)[] = [];
    for (const which of [GUEST, DISKS, BOOT]) {
      engine.start(which);
      for (let second = 0; second < 100; second += 5) {
        engine.pass(5);
        seen.push(engine.left());
      }
      engine.run(which, 100);
    }
    const numbers = seen.filter((each) => each !== null);
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    expect(seen.at(-1)).toBeNull();
  });
});

describe('what each stage took', () => {
  it('is remembered for the next start, the boot after a build apart from the others', async () => {
    await using folder = await temporaryFolder();
    using first = preparing();
    first.run(GUEST, 50);
    first.run(DISKS, 0.2);
    first.run(BOOT, 44);
    await keepStageSeconds(folder.path, first.progress.seconds);
    using second = preparing(await readStageSeconds(folder.path));
    second.run(GUEST, 0.1);
    second.run(BOOT, 7);
    await keepStageSeconds(folder.path, second.progress.seconds);
    expect(await readStageSeconds(folder.path)).toMatchObject({
      guest: 50,
      disks: 30,
      boot: 44,
      'boot kept': 7,
    });
  });

  it('is what is usual where the file is not there or cannot be read', async () => {
    await using folder = await temporaryFolder();
    const usual = await readStageSeconds(folder.path);
    expect(usual).toMatchObject({ guest: expect.any(Number), 'boot kept': expect.any(Number) });
    await folder.write('stage-seconds.json', '{"guest": "long"}');
    expect(await readStageSeconds(folder.path)).toEqual(usual);
  });
});
