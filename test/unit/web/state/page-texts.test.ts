import { beforeEach, describe, expect, it } from 'vitest';
import type { StepContent } from '../../../../server/protocol/index.ts';
import type { LabPage } from '../../../../web/src/state/lab-view.ts';
import { PageTexts } from '../../../../web/src/state/page-texts.ts';
import type { Result } from '../../../../web/src/state/problem.ts';

const first: LabPage = { kind: 'step', id: 'first' };
const before = { run: 'a-run', status: 'provisioning' } as const;
const after = { run: 'a-run', status: 'ready' } as const;

const content = (text: string): Result<StepContent> => ({
  ok: true,
  value: { html: { en: text }, blocks: [], provisional: false },
});
const unreachable: Result<StepContent> = { ok: false, problem: { error: 'unreachable' } };

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('PageTexts', () => {
  let asked: number;
  let answer: Result<StepContent> | Promise<Result<StepContent>>;
  let texts: PageTexts;

  beforeEach(() => {
    asked = 0;
    answer = content('one');
    texts = new PageTexts(async () => {
      asked += 1;
      return answer;
    });
  });

  const text = (run = 'a-run') => {
    const state = texts.of(run, first);
    return state.status === 'ready' ? state.content.html.en : state.status;
  };

  it('are asked for once before the hosts are up, and once after', async () => {
    for (const session of [before, before, after, after]) {
      texts.want(session, first);
      await settled();
    }
    expect([asked, text()]).toEqual([2, 'one']);
  });

  it('stay while they are read again, and where that fails, until it is made up for', async () => {
    texts.want(before, first);
    await settled();
    answer = unreachable;
    texts.want(after, first);
    await settled();
    expect(text()).toBe('one');
    answer = content('one at 10.1.0.2');
    await texts.retry();
    expect(text()).toBe('one at 10.1.0.2');
  });

  it('are not asked for again when all have come', async () => {
    texts.want(after, first);
    await settled();
    await texts.retry();
    expect(asked).toBe(1);
  });

  it('stay as they are while hosts that had addresses are looked for after a restart of the server', async () => {
    texts.want(after, first);
    await settled();
    answer = content('provisional');
    texts.want(before, first);
    await settled();
    expect([asked, text()]).toEqual([1, 'one']);
  });

  it('that did not come say why, and come when they are asked for again', async () => {
    answer = unreachable;
    texts.want(after, first);
    await settled();
    expect(texts.of('a-run', first)).toEqual({ status: 'problem', problem: { error: 'unreachable' } });
    answer = content('one');
    await texts.retry();
    expect(text()).toBe('one');
  });

  it('of one run are not shown in the next, whose addresses are others', async () => {
    texts.want(after, first);
    await settled();
    answer = unreachable;
    texts.want({ run: 'another-run', status: 'ready' }, first);
    await settled();
    expect([text('another-run'), text()]).toEqual(['problem', 'one']);
  });

  it('are those of the newest question, whichever answer comes last', async () => {
    const slow = Promise.withResolvers<Result<StepContent>>();
    answer = slow.promise;
    texts.want(before, first);
    answer = content('new');
    texts.want(after, first);
    await settled();
    slow.resolve(content('old'));
    await settled();
    expect(text()).toBe('new');
  });
});
