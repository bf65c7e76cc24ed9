import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useWords } from '../ui/app-context.ts';
import { DeviceIcon } from '../ui/icons.tsx';

/** Opens the dialog for other devices, of which nothing is loaded before. */
export function DeviceButton() {
  const words = useWords();
  const dialog = useSignal<ComponentType<{ onClose: () => void }> | null>(null);
  const Dialog = dialog.value;
  const open = async (): Promise<void> => {
    const { DeviceDialog } = await import('./device-dialog.tsx');
    dialog.value = DeviceDialog;
  };
  return (
    <>
      <button
        type="button"
        class="tool tool-icon"
        aria-label={words.common.otherDevice}
        title={words.common.otherDevice}
        // Where the server is away it can be pressed again, and the page says what is wrong.
        onClick={() => void open().catch(() => undefined)}
      >
        <DeviceIcon />
      </button>
      {Dialog !== null && (
        <Dialog
          onClose={() => {
            dialog.value = null;
          }}
        />
      )}
    </>
  );
}
