/** Percent that an arrow key moves a divider by. */
const STRIDE = 2;

/** Between two parts that stand side by side, or one over the other: to be dragged, or moved with the arrow keys. */
export function Divider(props: {
  label: string;
  /** How the divider itself stands. */
  orientation: 'vertical' | 'horizontal';
  /** The first part's share of both, in percent. */
  share: number;
  bounds: { least: number; most: number; usual: number };
  onMove: (share: number) => void;
}) {
  const { label, orientation, share, bounds, onMove } = props;
  const vertical = orientation === 'vertical';

  const key = (event: KeyboardEvent): void => {
    const less = vertical ? 'ArrowLeft' : 'ArrowUp';
    const more = vertical ? 'ArrowRight' : 'ArrowDown';
    const to = { [less]: share - STRIDE, [more]: share + STRIDE, Home: bounds.least, End: bounds.most }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    onMove(to);
  };
  const drag = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const whole = event.currentTarget.parentElement?.getBoundingClientRect();
    if (!whole) return;
    const part = vertical
      ? (event.clientX - whole.left) / whole.width
      : (event.clientY - whole.top) / whole.height;
    onMove(part * 100);
  };

  return (
    <div
      class={`divider is-${orientation}`}
      role="separator"
      tabIndex={0}
      aria-orientation={orientation}
      aria-label={label}
      aria-valuemin={bounds.least}
      aria-valuemax={bounds.most}
      aria-valuenow={share}
      onKeyDown={key}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={drag}
      onDblClick={() => onMove(bounds.usual)}
    />
  );
}
