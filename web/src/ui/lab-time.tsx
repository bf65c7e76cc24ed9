import { useEffect, useState } from 'preact/hooks';
import type { LabStore } from '../state/lab-store.ts';
import type { TimeLeft } from '../state/lab-view.ts';
import { useLabWords, useWords } from './app-context.ts';
import { ClockIcon } from './icons.tsx';

/** What is left of the lab's time, looked at every second. */
function useTimeLeft(store: LabStore): TimeLeft | null {
  const [, tick] = useState(0);
  const isTimed = (store.session.value?.time ?? null) !== null;
  useEffect(() => {
    if (!isTimed) return undefined;
    const timer = setInterval(() => tick((ticks) => ticks + 1), 1000);
    return () => clearInterval(timer);
  }, [isTimed]);
  return store.time.left;
}

/** The time left, in the page's head. It is no live region: nobody wants to hear each minute. */
export function LabTime({ store }: { store: LabStore }) {
  const words = useWords().lab;
  const time = useTimeLeft(store);
  if (time === null) return null;
  const { left, isShort, extensionsLeft } = time;
  return (
    <>
      <span class={isShort ? 'lab-time is-short' : 'lab-time'} role="timer" aria-label={words.time}>
        <ClockIcon />
        {left > 90_000 ? words.left(Math.ceil(left / 60_000)) : words.leftSeconds(Math.ceil(left / 1000))}
      </span>
      {isShort && extensionsLeft > 0 && store.time.warned && <Extend store={store} />}
    </>
  );
}

/** Said once, when the end is near. */
export function TimeBanner({ store }: { store: LabStore }) {
  const words = useLabWords(store);
  const time = useTimeLeft(store);
  if (time === null || !time.isShort || store.time.warned) return null;
  const { extension, extensionsLeft } = time;
  return (
    <div class="banner is-near-end" role="status">
      <p>
        {words.lab.nearEnd}{' '}
        {extensionsLeft > 0
          ? words.lab.canExtend(Math.round(extension / 60_000), extensionsLeft)
          : words.lab.cannotExtend}
      </p>
      <span class="banner-tools">
        {extensionsLeft > 0 && <Extend store={store} />}
        <button type="button" class="tool" onClick={() => store.time.dismissWarning()}>
          {words.common.dismiss}
        </button>
      </span>
    </div>
  );
}

function Extend({ store }: { store: LabStore }) {
  const words = useWords().lab;
  return (
    <button
      type="button"
      class="button is-small"
      aria-disabled={store.pending.value?.what === 'extend'}
      onClick={() => void store.extend()}
    >
      {words.extend}
    </button>
  );
}
