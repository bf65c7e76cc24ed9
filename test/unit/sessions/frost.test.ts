import { expect, it } from 'vitest';
import { Frost } from '../../../server/sessions/frost.ts';
import { settled } from '../../support/settled.ts';

/** Hosts that take as long as a test wants, or fail. */
function slowHosts() {
  const done: string[] = [];
  const waiting: PromiseWithResolvers<void>[] = [];
  const take = async (what: string) => {
    const turn = Promise.withResolvers<void>();
    waiting.push(turn);
    await turn.promise;
    done.push(what);
  };
  return {
    done,
    frost: new Frost({ freeze: () => take('freeze'), thaw: () => take('thaw') }),
    finish: async () => {
      waiting.shift()?.resolve();
      await settled();
    },
    fail: async () => {
      waiting.shift()?.reject(new Error('the engine is busy'));
      await settled();
    },
  };
}

it('hosts that are wanted again while they are being frozen are thawed as soon as they are', async () => {
  const { frost, done, finish } = slowHosts();
  const frozen = frost.become(true);
  const thawed = frost.become(false);
  await finish();
  await finish();
  await Promise.all([frozen, thawed]);
  expect(done).toEqual(['freeze', 'thaw']);
});

it('what is so already is not asked for', async () => {
  const { frost, done } = slowHosts();
  await frost.become(false);
  expect(done).toEqual([]);
});

it('hosts that could be neither frozen nor thawed are thawed when they are wanted again', async () => {
  const { frost, done, finish, fail } = slowHosts();
  const refusal = frost.become(true).catch(String);
  await fail();
  await fail();
  expect(await refusal).toContain('busy');
  const thawed = frost.become(false);
  await finish();
  await thawed;
  expect(done).toEqual(['thaw']);
});

it('hosts that cannot all be frozen are not left half frozen', async () => {
  const { frost, done, finish, fail } = slowHosts();
  const refusal = frost.become(true).catch(String);
  await fail();
  await finish();
  expect(await refusal).toContain('busy');
  expect(done).toEqual(['thaw']);
  await frost.become(false);
  expect(done).toEqual(['thaw']);
});
