import { describe, expect, it } from 'vitest';
import { CHUNK_SIZE } from '../../../server/terminals/output-log.ts';
import {
  FIRST_WINDOW,
  LEAST_WINDOW,
  MeasuredWindow,
  MOST_WINDOW,
} from '../../../server/terminals/viewer-window.ts';

type Link = {
  rate: number;
  way: number;
  milliseconds: number;
  /** Bytes that are given at once. */
  piece?: number;
  /** The viewer was given so much before, and says every millisecond how much more of it it has drawn. */
  had?: number;
};

/**
 * A viewer at the end of a link that takes so many bytes a millisecond and so many milliseconds for each way, given all
 * that its window has room for. Tells how many bytes it has drawn in so many milliseconds, and its window.
 */
function flood({ rate, way, milliseconds, piece = CHUNK_SIZE, had = 0 }: Link) {
  let now = 0;
  const window = new MeasuredWindow({ since: 0, end: had }, () => now);
  let sent = 0;
  let drawn = 0;
  let carried = 0;
  /** When the server hears of what was drawn. */
  const acks = Array.from({ length: Math.floor(had / piece) }, (_, i) => ({
    at: i,
    through: (i + 1) * piece,
  }));
  const messages: number[] = [];
  for (; now < milliseconds; now++) {
    for (let ack = acks[0]; ack !== undefined && ack.at <= now; ack = acks[0]) {
      acks.shift();
      drawn = Math.max(drawn, Math.min(ack.through, sent));
      window.drawn(drawn);
    }
    while (sent - drawn < window.size) {
      sent += piece;
      messages.push(sent);
      window.given(sent, drawn);
    }
    carried = Math.min(sent, carried + rate);
    for (let end = messages[0]; end !== undefined && end <= carried; end = messages[0]) {
      messages.shift();
      acks.push({ at: now + 2 * way, through: end });
    }
  }
  return { drawn, size: window.size };
}

describe('what a viewer is given ahead', () => {
  it('keeps a fast link to far away busy', () => {
    const { drawn } = flood({ rate: 20_000, way: 50, milliseconds: 1000 });
    // A fixed window of 256 KiB would have moved one in each tenth of a second, 2.6 MB.
    expect(drawn).toBeGreaterThan(5_000_000);
  });

  it('is on a slow link twice what that carries on the way of a piece, which keeps it busy', () => {
    const { drawn, size } = flood({ rate: 1000, way: 50, milliseconds: 10_000 });
    expect(size / 1000).toBeLessThanOrEqual(2 * (100 + CHUNK_SIZE / 1000) + 20);
    expect(drawn).toBeGreaterThan(0.95 * 1000 * 9_900);
  });

  it('is so little on a near link that what others print waits for a blink', () => {
    const { drawn, size } = flood({ rate: 5000, way: 2, milliseconds: 10_000 });
    expect(size / 5000).toBeLessThanOrEqual(50);
    expect(drawn).toBeGreaterThan(0.95 * 5000 * 9_900);
  });

  it('is the same where the viewer first draws what it was given before it was attached', () => {
    const link = { rate: 2000, way: 150, milliseconds: 10_000 };
    const again = flood({ ...link, had: 8 * CHUNK_SIZE });
    expect(again.drawn).toBeGreaterThan(0.9 * 2000 * 10_000);
    expect(again.size).toBeGreaterThan(0.9 * flood(link).size);
  });

  it('has bounds, whatever the link', () => {
    expect(flood({ rate: 10, way: 500, milliseconds: 60_000, piece: 1024 }).size).toBe(LEAST_WINDOW);
    expect(flood({ rate: 1_000_000, way: 0, milliseconds: 100 }).size).toBe(MOST_WINDOW);
  });

  it('is the same for ever for one that draws nothing', () => {
    const window = new MeasuredWindow();
    window.given(FIRST_WINDOW, 0);
    window.drawn(0);
    expect(window.size).toBe(FIRST_WINDOW);
  });
});

it('remembers little of a viewer that draws nothing of many small pieces, and goes on once it does', () => {
  let now = 0;
  const window = new MeasuredWindow({ since: 0, end: 0 }, () => now);
  for (let end = 1; end <= FIRST_WINDOW; end++) window.given(end, 0);
  now = 100;
  window.drawn(FIRST_WINDOW);
  expect(window.size).toBeGreaterThan(LEAST_WINDOW);
});
