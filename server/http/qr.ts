import { encode } from 'uqr';
import type { DeviceCode } from '../protocol/index.ts';

/** A text as a QR code. */
export function qrOf(text: string): NonNullable<DeviceCode['qr']> {
  const { data, size } = encode(text, { ecc: 'M', border: 2 });
  const path = data
    .flatMap((row, y) => row.flatMap((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : [])))
    .join('');
  return { size, path };
}
