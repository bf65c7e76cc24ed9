import { loadSocketIo } from '../state/socket-io.ts';
import { whenIdle } from './when-idle.ts';

/**
 * Fetch the code that a lab needs once it runs, as soon as the browser has nothing else to do; gives a function that
 * stops that. Where it fails, whoever needs the code tries again, and says so.
 */
export const prefetchLab = (): (() => void) => whenIdle(() => void fetchAll());

/** The same, and have the browser compile what draws a terminal: who presses Start would wait for that, too. */
export function prepareLab(): () => void {
  let stopped = false;
  const prepare = async (): Promise<void> => {
    const [, unseen] = await fetchAll();
    if (unseen.status === 'fulfilled' && !stopped) stop = whenIdle(() => unseen.value.drawUnseen());
  };
  let stop = whenIdle(() => void prepare());
  return () => {
    stopped = true;
    stop();
  };
}

const fetchAll = () => Promise.allSettled([loadSocketIo(), import('../terminal/draw-unseen.ts')]);
