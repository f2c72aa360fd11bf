import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** The app over the fake client, for looking at pages while they are designed: `npm run harness`. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  plugins: [svelte()],
  resolve: { alias: { '@sotto/client': fileURLToPath(new URL('scene.ts', import.meta.url)) } },
  server: { host: '127.0.0.1', port: 5199, strictPort: true },
});
