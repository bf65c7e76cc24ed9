import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Whether a heading has been shown. The first is the browser's to announce, with the page that it has loaded. */
let arrived = false;

/**
 * For the heading of what comes into the place of something else: it takes over the focus where that was lost with
 * what went. Otherwise the keyboard would begin anew at the top of the page, and a screen reader say nothing.
 */
export function useArrival(): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const isFirst = !arrived;
    arrived = true;
    if (!isFirst && isFocusLost()) heading.current?.focus({ preventScroll: true });
  }, []);
  return heading;
}

/** Browsers take the focus from what is no longer seen, but only later. */
function isFocusLost(): boolean {
  const { activeElement, body } = document;
  if (activeElement === null || activeElement === body) return true;
  return getComputedStyle(activeElement).visibility === 'hidden';
}
