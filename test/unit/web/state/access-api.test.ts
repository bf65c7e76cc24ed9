import { describe, expect, it } from 'vitest';
import { createAccessApi, type Post } from '../../../../web/src/state/access-api.ts';

const answering = (response: Response | Error) => {
  const asked: Parameters<Post>[] = [];
  const api = createAccessApi(async (...request) => {
    asked.push(request);
    if (response instanceof Error) throw response;
    return response;
  });
  return { api, asked };
};

describe('the API that lets browsers in', () => {
  it('sends a code in the body, where no log has it', async () => {
    const { api, asked } = answering(new Response(null, { status: 204 }));
    expect(await api.enter('k7mq')).toEqual({ ok: true, value: null });
    expect(asked).toEqual([
      [
        '/api/access',
        { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"code":"k7mq"}' },
      ],
    ]);
  });

  it('gives what the server says of a wrong one', async () => {
    const refusal = { error: 'code_wrong', message: { en: 'No.' } };
    const { api } = answering(Response.json(refusal, { status: 403 }));
    expect(await api.join('wrong')).toEqual({ ok: false, problem: refusal });
  });

  it('never throws', async () => {
    expect(await answering(new TypeError('offline')).api.enter('x')).toEqual({
      ok: false,
      problem: { error: 'unreachable' },
    });
    const page = answering(new Response('<h1>Bad gateway</h1>', { status: 502 }));
    expect(await page.api.deviceCode()).toEqual({
      ok: false,
      problem: { error: 'unexpected', status: 502 },
    });
    const empty = answering(new Response(null, { status: 204 }));
    expect((await empty.api.deviceCode()).ok).toBe(false);
  });
});
