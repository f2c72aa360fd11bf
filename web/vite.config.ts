import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { language } from './build/language';
import { precompress } from './build/precompress';
import { serviceWorker } from './build/service-worker';

export default defineConfig({
  plugins: [svelte(), serviceWorker(), language(), precompress()],
  build: {
    target: 'es2022',
    // The content security policy allows no `data:` URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The app, and the page at /v1/docs, which has nothing in common with it.
    rolldownOptions: { input: ['index.html', 'api-docs.html'] },
  },
  worker: { format: 'es' },
  server: { proxy: { '/v1': { target: 'http://127.0.0.1:7700', ws: true } } },
});
