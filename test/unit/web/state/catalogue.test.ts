import { describe, expect, it } from 'vitest';
import { createApi } from '../../../../web/src/state/api.ts';
import { CatalogueStore } from '../../../../web/src/state/catalogue.ts';
import { FakeServer, scenario } from '../support.ts';

describe('CatalogueStore', () => {
  it('says that the server cannot be reached, and loads when asked again', async () => {
    const server = new FakeServer();
    const store = new CatalogueStore(createApi(server.fetch));
    await store.load();
    expect(store.state.value).toEqual({ status: 'problem', problem: { error: 'unreachable' } });
    server.ok('GET /api/scenarios', [scenario]);
    await store.load();
    expect(store.state.value).toMatchObject({ status: 'ready', scenarios: [{ slug: 'swarm' }] });
  });

  it('keeps showing what it has when a later load fails', async () => {
    const server = new FakeServer();
    server.ok('GET /api/scenarios', [scenario]);
    const store = new CatalogueStore(createApi(server.fetch));
    await store.load();
    server.answers.clear();
    await store.load();
    expect(store.state.value.status).toBe('ready');
  });
});
