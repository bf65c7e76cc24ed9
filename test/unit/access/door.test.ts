import { describe, expect, it, vi } from 'vitest';
import { Door } from '../../../server/access/door.ts';
import { Signer } from '../../../server/access/signer.ts';

const CODE = 'k7mq-2xvd-9rtb';
const door = (code: string | null = CODE, secret = 'a secret') =>
  new Door({ code, signer: new Signer(secret), secure: false });
const sent = (setCookie: string | null): string => setCookie?.split(';', 1)[0] ?? '';

describe('the door', () => {
  it('is open where nobody else reaches the server', () => {
    expect(door(null).admits(undefined)).toBe(true);
  });

  it('opens for the code, and lets in who comes back, also after a restart', () => {
    const cookie = sent(door().try(CODE));
    expect(door().admits(cookie)).toBe(true);
    expect(door().admits(undefined)).toBe(false);
  });

  it.each(['K7MQ2XVD9RTB', ' k7mq 2xvd 9rtb ', 'k7mq‑2xvd‑9rtb'.replaceAll('‑', '-')])(
    'takes the code as people type it: %j',
    (typed) => expect(door().try(typed)).not.toBeNull(),
  );

  it.each(['', 'k7mq-2xvd-9rt', 'k7mq-2xvd-9rtbb', '{}', 'undefined'])('does not open for %j', (typed) => {
    expect(door().try(typed)).toBeNull();
  });

  it('lets nobody in by a cookie of another code, of another server, or of nobody', () => {
    const cookie = sent(door().try(CODE));
    expect(door('another code').admits(cookie)).toBe(false);
    expect(door(CODE, 'another secret').admits(cookie)).toBe(false);
    expect(door().admits(cookie.replace(/.~/, 'x~'))).toBe(false);
    expect(door().admits(`${cookie.split('=')[0]}=~`)).toBe(false);
  });

  it('asks again after thirty days, whatever the browser has kept', () => {
    const cookie = sent(door().try(CODE));
    vi.useFakeTimers({ now: Date.now() + 29 * 24 * 60 * 60_000 });
    try {
      expect(door().admits(cookie)).toBe(true);
      vi.advanceTimersByTime(2 * 24 * 60 * 60_000);
      expect(door().admits(cookie)).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });
});
