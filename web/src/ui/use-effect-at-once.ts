import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** As useSignalEffect, which waits for the next paint; for what must hold before anything else is drawn or typed. */
export function useEffectAtOnce(react: () => void | (() => void)): void {
  const newest = useRef(react);
  newest.current = react;
  useEffect(() => effect(() => newest.current()), []);
}
