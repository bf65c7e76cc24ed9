import { SPLIT } from '../state/preferences.ts';
import { useApp, useWords } from './app-context.ts';

/** Percent that an arrow key moves the divider by. */
const STRIDE = 2;

/** Between text and terminals: to be dragged, or moved with the arrow keys. */
export function Divider() {
  const { preferences } = useApp();
  const words = useWords();
  const split = preferences.split.value;

  const key = (event: KeyboardEvent): void => {
    const to = { ArrowLeft: split - STRIDE, ArrowRight: split + STRIDE, Home: SPLIT.least, End: SPLIT.most }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    preferences.setSplit(to);
  };
  const drag = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const whole = event.currentTarget.parentElement?.getBoundingClientRect();
    if (whole) preferences.setSplit(((event.clientX - whole.left) / whole.width) * 100);
  };

  return (
    <div
      class="divider"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={words.lab.divider}
      aria-valuemin={SPLIT.least}
      aria-valuemax={SPLIT.most}
      aria-valuenow={split}
      onKeyDown={key}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={drag}
      onDblClick={() => preferences.setSplit(SPLIT.usual)}
    />
  );
}
