import { useEffect, useState } from 'preact/hooks';

/** Where the page has room for two terminals at once beside the text. */
const WIDE = '(min-width: 1100px)';

/** Whether the window is wide, now and as it changes. */
export function useWide(): boolean {
  const [wide, setWide] = useState(() => matchMedia(WIDE).matches);
  useEffect(() => {
    const query = matchMedia(WIDE);
    const follow = (): void => setWide(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  return wide;
}
