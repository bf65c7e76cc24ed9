import type { Response } from 'express';
import type { Asset } from '../scenarios/scenario.ts';

/**
 * Answer with a picture of a scenario. It is shown and nothing else: where a browser opens it by itself, what is active in
 * an SVG has neither an origin nor anything to load.
 */
export function sendAsset({ type, bytes, version }: Asset, response: Response): void {
  response
    .type(type)
    .set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
    // It is asked for with its version, and so never again.
    .set('Cache-Control', 'private, max-age=31536000, immutable')
    .set('ETag', `"${version}"`)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
