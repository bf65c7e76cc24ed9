import { useEffect, useState } from 'preact/hooks';

/** Where text and terminals are seen one at a time; as in the style sheets. */
const NARROW = '(width < 800px)';

/** Whether the window is narrow, now and as it changes. */
export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const follow = (): void => setNarrow(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  return narrow;
}
