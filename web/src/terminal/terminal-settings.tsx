import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { FONT_SIZE, type Layout } from '../state/preferences.ts';
import { useApp, useWords } from '../ui/app-context.ts';
import { LayoutIcon, ReaderIcon, SettingsIcon } from '../ui/icons.tsx';

/** The layouts that there is room for, and the one that is shown. */
type LayoutChoice = { layouts: readonly Layout[]; layout: Layout };

/** How the terminals look: the size of their type, where they stand, whether a screen reader reads them. */
export function TerminalSettings(props: LayoutChoice) {
  const words = useWords().terminals;
  const open = useSignal(false);
  const whole = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    const away = (event: Event): void => {
      if (event.target instanceof Node && whole.current?.contains(event.target) !== true) open.value = false;
    };
    document.addEventListener('pointerdown', away);
    document.addEventListener('focusin', away);
    return () => {
      document.removeEventListener('pointerdown', away);
      document.removeEventListener('focusin', away);
    };
  }, [open]);

  const key = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !open.value) return;
    event.preventDefault();
    open.value = false;
    button.current?.focus();
  };
  return (
    <div class="terminal-settings" ref={whole} onKeyDown={key}>
      <button
        ref={button}
        type="button"
        class="tool tool-icon"
        aria-expanded={open.value}
        aria-controls="terminal-settings"
        aria-label={words.settings}
        title={words.settings}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        <SettingsIcon />
      </button>
      <div
        id="terminal-settings"
        class="terminal-menu"
        role="group"
        aria-label={words.settings}
        hidden={!open.value}
      >
        <FontSize />
        {props.layouts.length > 1 && <LayoutSwitch {...props} />}
        <ScreenReaderSwitch />
      </div>
    </div>
  );
}

function FontSize() {
  const { preferences } = useApp();
  const words = useWords().terminals;
  const size = preferences.fontSize.value;
  return (
    <div class="terminal-choice" role="group" aria-labelledby="font-size">
      <span id="font-size">{words.fontSize}</span>
      <button
        type="button"
        class="tool tool-icon"
        aria-label={words.smaller}
        title={words.smaller}
        aria-disabled={size <= FONT_SIZE.least}
        onClick={() => preferences.setFontSize(size - 1)}
      >
        −
      </button>
      <output class="font-size">{size}</output>
      <button
        type="button"
        class="tool tool-icon"
        aria-label={words.larger}
        title={words.larger}
        aria-disabled={size >= FONT_SIZE.most}
        onClick={() => preferences.setFontSize(size + 1)}
      >
        +
      </button>
    </div>
  );
}

function LayoutSwitch({ layouts, layout: shown }: LayoutChoice) {
  const { preferences } = useApp();
  const words = useWords().terminals;
  return (
    <div class="terminal-choice" role="group" aria-labelledby="terminal-layout">
      <span id="terminal-layout">{words.layout}</span>
      {layouts.map((layout) => (
        <button
          key={layout}
          type="button"
          class="tool tool-icon"
          aria-pressed={shown === layout}
          aria-label={words.layouts[layout]}
          title={words.layouts[layout]}
          onClick={() => preferences.setLayout(layout)}
        >
          <LayoutIcon layout={layout} />
        </button>
      ))}
    </div>
  );
}

function ScreenReaderSwitch() {
  const { preferences } = useApp();
  const words = useWords().terminals;
  const on = preferences.screenReader.value;
  return (
    <div class="terminal-choice">
      <button type="button" class="tool" aria-pressed={on} onClick={() => preferences.setScreenReader(!on)}>
        <ReaderIcon /> {words.screenReader}
      </button>
    </div>
  );
}
