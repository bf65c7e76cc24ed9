import { randomBytes } from 'node:crypto';

/** Crockford's base 32: no letter that could be taken for a digit. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A random code to be read out and typed, five bits for each of its characters: `makeCode(5, 5)` is like `k7mq2-xvd9r`. */
export const makeCode = (...groups: readonly number[]): string =>
  groups
    .map((length) => [...randomBytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join(''))
    .join('-');

/** What two codes have in common that people take for the same. */
export const plainCode = (typed: string): string =>
  typed
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s-]/g, '')
    .replaceAll('o', '0')
    .replaceAll(/[il]/g, '1');
