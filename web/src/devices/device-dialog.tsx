import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { DeviceCode } from '../../../server/protocol/index.ts';
import { accessWords } from '../i18n/access.ts';
import { problemText } from '../i18n/pick.ts';
import { createAccessApi } from '../state/access-api.ts';
import type { Problem } from '../state/problem.ts';
import { useApp } from '../ui/app-context.ts';

type Shown =
  | { status: 'loading' }
  | { status: 'ready'; code: DeviceCode; secondsLeft: number }
  | { status: 'problem'; problem: Problem };

/** A code by which this owner's labs are had on another device, and the end of all others. */
export function DeviceDialog({ onClose }: { onClose: () => void }) {
  const locale = useApp().preferences.locale.value;
  const words = accessWords[locale].devices;
  const api = useMemo(() => createAccessApi((path, init) => fetch(path, init)), []);
  const dialog = useRef<HTMLDialogElement>(null);
  const shown = useSignal<Shown>({ status: 'loading' });
  const signedOut = useSignal<true | Problem | null>(null);
  const renew = async (): Promise<void> => {
    const result = await api.deviceCode();
    shown.value = result.ok
      ? { status: 'ready', code: result.value, secondsLeft: result.value.secondsLeft }
      : { status: 'problem', problem: result.problem };
  };
  useEffect(() => {
    dialog.current?.showModal();
    void renew();
  }, []);
  const ready = shown.value.status === 'ready' ? shown.value.code : null;
  useEffect(() => {
    if (ready === null) return undefined;
    const madeAt = performance.now();
    const timer = setInterval(() => {
      const secondsLeft = Math.max(0, ready.secondsLeft - (performance.now() - madeAt) / 1000);
      shown.value = { status: 'ready', code: ready, secondsLeft };
    }, 1000);
    return () => clearInterval(timer);
  }, [ready]);
  const signOut = async (): Promise<void> => {
    const result = await api.signOutOthers();
    signedOut.value = result.ok ? true : result.problem;
    // The code was withdrawn with them.
    if (result.ok) await renew();
  };
  return (
    <dialog ref={dialog} class="dialog devices" aria-labelledby="devices-title" onClose={onClose}>
      <div>
        <div class="devices-head">
          <h2 id="devices-title">{words.title}</h2>
          <button type="button" class="tool" onClick={() => dialog.current?.close()}>
            {words.close}
          </button>
        </div>
        <Code shown={shown.value} onRenew={() => void renew()} />
      </div>
      <section aria-labelledby="devices-others">
        <h2 id="devices-others">{words.othersTitle}</h2>
        <p>{words.others}</p>
        <button type="button" class="button" onClick={() => void signOut()}>
          {words.signOut}
        </button>
        <div role="status">
          {signedOut.value === true && <p class="devices-done">{words.signedOut}</p>}
          {signedOut.value !== null && signedOut.value !== true && (
            <p class="problem-text">{problemText(signedOut.value, locale)}</p>
          )}
        </div>
      </section>
    </dialog>
  );
}

function Code({ shown, onRenew }: { shown: Shown; onRenew: () => void }) {
  const locale = useApp().preferences.locale.value;
  const words = accessWords[locale].devices;
  const renew = (
    <button type="button" class="button device-renew" onClick={onRenew}>
      {words.renew}
    </button>
  );
  switch (shown.status) {
    case 'loading':
      return <p role="status">{words.loading}</p>;
    case 'problem':
      return (
        <>
          <p class="problem-text" role="alert">
            {problemText(shown.problem, locale)}
          </p>
          {renew}
        </>
      );
    case 'ready': {
      const { code, secondsLeft } = shown;
      const { link, qr } = code;
      const page = `${new URL(link ?? location.href).host}/join`;
      const isExpired = secondsLeft === 0;
      return (
        <>
          <p>{link === null ? words.here(page) : words.withQr(page)}</p>
          {qr !== null && !isExpired && (
            <svg
              class="device-qr"
              viewBox={`0 0 ${qr.size} ${qr.size}`}
              shape-rendering="crispEdges"
              role="img"
              aria-label={words.qr}
            >
              <path d={qr.path} />
            </svg>
          )}
          <code class={`device-code ${isExpired ? 'is-expired' : ''}`}>{code.code}</code>
          <p class="device-validity" role="status">
            {isExpired ? words.expired : words.validity(Math.ceil(secondsLeft / 60))}
          </p>
          {isExpired ? renew : <p class="device-validity">{words.care}</p>}
        </>
      );
    }
    default:
      return shown satisfies never;
  }
}
