import type { ComponentChildren } from 'preact';

/** A drawing beside words that say the same; it is hidden from those who hear the page. */
function Icon({ children, name }: { children: ComponentChildren; name: string }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const TickIcon = () => (
  <Icon name="tick">
    <path d="M3.5 8.5l3 3 6-7" />
  </Icon>
);

export const ClockIcon = () => (
  <Icon name="clock">
    <circle cx="8" cy="8" r="6" />
    <path d="M8 4.6V8l2.4 1.5" />
  </Icon>
);

export const LockIcon = () => (
  <Icon name="lock">
    <rect x="3.5" y="7.5" width="9" height="6" rx="1" />
    <path d="M5.5 7.5V5.2a2.5 2.5 0 0 1 5 0v2.3" />
  </Icon>
);

export const WarningIcon = () => (
  <Icon name="warning">
    <path d="M8 2.5l6 10.8H2z M8 6.5v3.2 M8 11.4v.4" />
  </Icon>
);

export const ArrowIcon = () => (
  <Icon name="arrow">
    <path d="M3 8h9.5M8.5 4l4 4-4 4" />
  </Icon>
);

export const ThemeIcon = ({ theme }: { theme: 'system' | 'light' | 'dark' }) => (
  <Icon name={theme}>
    {theme === 'system' && <path d="M2 3h12v8H2z M6 13.5h4" />}
    {theme === 'light' && (
      <>
        <circle cx="8" cy="8" r="2.7" />
        <path d="M8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M12.6 3.4l-1.1 1.1M4.5 11.5l-1.1 1.1" />
      </>
    )}
    {theme === 'dark' && <path d="M13 9.6A5.6 5.6 0 0 1 6.4 3 5.6 5.6 0 1 0 13 9.6z" />}
  </Icon>
);

export const LayoutIcon = ({ layout }: { layout: 'tabs' | 'stacked' | 'side-by-side' }) => (
  <Icon name={layout}>
    <rect x="2" y="3" width="12" height="10" rx="1" />
    {layout === 'tabs' && <path d="M2 6.2h12M6.5 3v3.2" />}
    {layout === 'stacked' && <path d="M2 8h12" />}
    {layout === 'side-by-side' && <path d="M8 3v10" />}
  </Icon>
);

export const ReaderIcon = () => (
  <Icon name="reader">
    <circle cx="8" cy="8" r="6.4" />
    <path d="M8 4.6v.1M4.9 6.6l3.1.6 3.1-.6M8 7.2v2l-1.7 2.8M8 9.2l1.7 2.8" />
  </Icon>
);

export const DeviceIcon = () => (
  <Icon name="device">
    <path d="M8 11.5H2v-8h10v2M5 14h3" />
    <rect x="9.8" y="7" width="4.7" height="7.2" rx="0.9" />
  </Icon>
);

export const PlusIcon = () => (
  <Icon name="plus">
    <path d="M8 3.2v9.6M3.2 8h9.6" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon name="close">
    <path d="M4 4l8 8M12 4l-8 8" />
  </Icon>
);

export const SearchIcon = () => (
  <Icon name="search">
    <circle cx="7" cy="7" r="4.2" />
    <path d="M10.2 10.2l3.6 3.6" />
  </Icon>
);

export const UpIcon = () => (
  <Icon name="up">
    <path d="M3.5 10L8 5.5l4.5 4.5" />
  </Icon>
);

export const DownIcon = () => (
  <Icon name="down">
    <path d="M3.5 6L8 10.5 12.5 6" />
  </Icon>
);

export const SettingsIcon = () => (
  <Icon name="settings">
    <path d="M2 4.5h6.2M11.8 4.5H14M2 11.5h2.2M7.8 11.5H14" />
    <circle cx="10" cy="4.5" r="1.8" />
    <circle cx="6" cy="11.5" r="1.8" />
  </Icon>
);

/** The mark: a hull in its dock. */
export const Mark = () => (
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="7" />
    <path class="mark-dock" d="M6 8v14h20V8" />
    <path class="mark-hull" d="M10.5 12h11l-2.2 6h-6.6z" />
  </svg>
);
