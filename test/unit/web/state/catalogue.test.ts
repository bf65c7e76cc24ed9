import { describe, expect, it } from 'vitest';
import { createApi } from '../../../../web/src/state/api.ts';
import { CatalogueStore } from '../../../../web/src/state/catalogue.ts';
import { FakeServer, scenario } from '../support.ts';

const entry = { ...scenario, progress: null };

describe('CatalogueStore', () => {
  it('says that the server cannot be reached, and loads when asked again', async () => {
    const server = new FakeServer();
    const store = new CatalogueStore(createApi(server.fetch));
    await store.load();
    expect(store.state.value).toEqual({ status: 'problem', problem: { error: 'unreachable' } });
    server.ok('GET /api/scenarios', [entry]);
    await store.load();
    expect(store.state.value).toMatchObject({ status: 'ready', scenarios: [{ slug: 'swarm' }] });
  });

  it('is searched by all words of a text, in whichever language, once there are more than a few labs', async () => {
    const server = new FakeServer();
    const labs = ['DNS', 'Ingress', 'Volumes', 'Networks', 'Images'].map((name) => ({
      ...entry,
      slug: name.toLowerCase(),
      title: { en: name },
    }));
    server.ok('GET /api/scenarios', labs);
    const store = new CatalogueStore(createApi(server.fetch));
    const found = () => store.found.value.map(({ slug }) => slug);
    await store.load();
    store.search('dns');
    expect([store.searchable.value, found().length]).toEqual([false, 5]);
    server.ok('GET /api/scenarios', [...labs, entry]);
    await store.load();
    expect([store.searchable.value, found()]).toEqual([true, ['dns']]);
    store.search(' hosts  A SWARM ');
    expect(found()).toEqual(['swarm']);
    store.search('集群');
    expect(found()).toEqual(['swarm']);
    store.search('hosts nowhere');
    expect(found()).toEqual([]);
    store.search('');
    expect(found()).toHaveLength(6);
  });

  it('keeps showing what it has when a later load fails', async () => {
    const server = new FakeServer();
    server.ok('GET /api/scenarios', [entry]);
    const store = new CatalogueStore(createApi(server.fetch));
    await store.load();
    server.answers.clear();
    await store.load();
    expect(store.state.value.status).toBe('ready');
  });
});
