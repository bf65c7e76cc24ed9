import { request as plainRequest, type IncomingHttpHeaders } from 'node:http';
import { request as tlsRequest, type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';

export type RawRequest = Pick<RequestOptions, 'method' | 'ca' | 'servername'> & {
  headers?: Record<string, string>;
  body?: string;
};
export type RawAnswer = { status: number; headers: IncomingHttpHeaders; body: string };

/** Ask with any headers, also those that `fetch` keeps for itself: Host, Origin, Transfer-Encoding. */
export function rawRequest(url: string, { body, ...options }: RawRequest = {}): Promise<RawAnswer> {
  const request = url.startsWith('https:') ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, ...options }, (response) => {
      text(response).then(
        (said) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: said }),
        reject,
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
