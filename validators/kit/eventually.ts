import type { CheckContext } from './context.ts';
import type { Verdict } from './verdict.ts';

/** A verdict that may turn by itself while the cluster converges: worth looking again for `patience` ms. */
export type Soon = { outcome: 'soon'; otherwise: Verdict; patience: number };

/** A swarm starts tasks within this time even where its processor is emulated. */
const CONVERGING_MS = 20_000;
/** A command that was typed a moment ago has reached the engine by then. */
const ARRIVING_MS = 5_000;
const PAUSE_MS = 1_000;

/** Under way: tasks that start, nodes that come up. */
export const converging = (otherwise: Verdict): Soon => ({
  outcome: 'soon',
  otherwise,
  patience: CONVERGING_MS,
});

/** Not there at all: the learner's command may still be on its way, but more likely was not given. */
export const arriving = (otherwise: Verdict): Soon => ({ outcome: 'soon', otherwise, patience: ARRIVING_MS });

/**
 * Look until there is a verdict that no waiting will change. A learner who presses Check while the swarm is
 * still at work is not told off for it; one who has done nothing does not wait long for the answer. Where the context
 * has no patience, because whoever asks will ask again, one look is all.
 */
export async function eventually(ctx: CheckContext, look: () => Promise<Verdict | Soon>): Promise<Verdict> {
  const started = ctx.clock.now();
  for (;;) {
    const seen = await look();
    if (seen.outcome !== 'soon') return seen;
    if (!ctx.patient) return seen.otherwise;
    if (ctx.clock.now() - started + PAUSE_MS > seen.patience) return seen.otherwise;
    await ctx.clock.sleep(PAUSE_MS);
  }
}
