import { z } from 'zod';

/** A code as it was typed or followed as a link. */
export const CodeRequest = z.strictObject({ code: z.string().regex(/^[^]{1,128}$/) });
export type CodeRequest = z.infer<typeof CodeRequest>;

/** How an owner goes on in another browser, once. */
export const DeviceCode = z.strictObject({
  code: z.string(),
  /** Where it is to be given; null where other machines do not reach this server. It has the code in its fragment. */
  link: z.url().nullable(),
  /** The link as a QR code: `path` is the `d` of an SVG path, in a square of `size` units with its border. */
  qr: z.strictObject({ size: z.int().positive(), path: z.string() }).nullable(),
  secondsLeft: z.int().positive(),
});
export type DeviceCode = z.infer<typeof DeviceCode>;
