import { copyFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'vite';

/** The compiled module lies beside the worker; the page tells the worker its address. */
const copyModule: Plugin = {
  name: 'copy-module',
  closeBundle: () => copyFileSync('pkg/sotto_wasm_bg.wasm', 'dist/sotto_wasm_bg.wasm'),
};

/** The worker as one file that imports nothing, so that a consumer's bundler may treat it as an asset. */
export default defineConfig({
  build: {
    target: 'es2024',
    outDir: 'dist',
    emptyOutDir: false,
    lib: { entry: 'src/worker.ts', formats: ['es'], fileName: () => 'worker.js' },
  },
  plugins: [copyModule],
});
