import { join } from 'node:path';
import { env } from 'node:process';
import { defineConfig } from 'vite';

const drydock = `http://127.0.0.1:${env['DRYDOCK_PORT'] || 7300}`;

/** Built by Drydock into its cache. While developing, API and socket are those of one started beside it. */
export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // The door is what strangers get in place of the page.
    rolldownOptions: {
      input: [join(import.meta.dirname, 'index.html'), join(import.meta.dirname, 'door.html')],
    },
  },
  server: {
    proxy: {
      // Not the address alone: Vite would then change the Host header, and Drydock see another site's page.
      '/api': { target: drydock },
      '/socket.io': { target: drydock, ws: true },
    },
  },
});
