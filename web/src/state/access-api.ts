import type { ApiError, CodeRequest, DeviceCode } from '../../../server/protocol/index.ts';
import { routes } from '../../../server/protocol/routes.ts';
import type { Result } from './problem.ts';

/** What is needed of `fetch`; tests give a plain function. */
export type Post = (
  path: string,
  init: { method: 'POST'; headers?: Record<string, string>; body?: string },
) => Promise<Response>;

/** How a browser is let in, comes to be an owner's, and others cease to be. Nothing of it throws; see Result. */
export interface AccessApi {
  enter(code: string): Promise<Result<null>>;
  join(code: string): Promise<Result<null>>;
  deviceCode(): Promise<Result<DeviceCode>>;
  signOutOthers(): Promise<Result<null>>;
}

export function createAccessApi(post: Post): AccessApi {
  const request = async <T>(path: string, given?: CodeRequest): Promise<Result<T | null>> => {
    let response: Response;
    let body: T | ApiError | null;
    try {
      response = await post(path, {
        method: 'POST',
        ...(given && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(given) }),
      });
    } catch {
      return { ok: false, problem: { error: 'unreachable' } };
    }
    try {
      body = response.status === 204 ? null : await response.json();
    } catch {
      return { ok: false, problem: { error: 'unexpected', status: response.status } };
    }
    if (isApiError(body)) return { ok: false, problem: body };
    if (response.ok) return { ok: true, value: body };
    return { ok: false, problem: { error: 'unexpected', status: response.status } };
  };
  const nothing = async (path: string, given?: CodeRequest): Promise<Result<null>> => {
    const result = await request<never>(path, given);
    return result.ok ? { ok: true, value: null } : result;
  };
  return {
    enter: (code) => nothing(routes.access(), { code }),
    join: (code) => nothing(routes.join(), { code }),
    async deviceCode() {
      const result = await request<DeviceCode>(routes.deviceCode());
      if (!result.ok) return result;
      const { value } = result;
      return value === null
        ? { ok: false, problem: { error: 'unexpected', status: 204 } }
        : { ok: true, value };
    },
    signOutOthers: () => nothing(routes.signOutOthers()),
  };
}

const isApiError = (body: unknown): body is ApiError =>
  typeof body === 'object' && body !== null && 'error' in body && 'message' in body;
