import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { language } from '../../build/language';
import { serviceWorker } from '../../build/service-worker';

/** The app over the fake client, for looking at pages while they are designed: `npm run harness`. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  plugins: [svelte(), serviceWorker({ client: fileURLToPath(new URL('wake-up.ts', import.meta.url)) }), language()],
  resolve: { alias: { '@sotto/client': fileURLToPath(new URL('scene.ts', import.meta.url)) } },
  build: {
    target: 'es2022',
    outDir: fileURLToPath(new URL('../../node_modules/.harness', import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  server: { host: '127.0.0.1', port: 5199, strictPort: true },
});
