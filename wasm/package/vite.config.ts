import { copyFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'vite';

/** The compiled module lies beside the worker; the page tells the worker its address. */
const copyModule: Plugin = {
  name: 'copy-module',
  closeBundle: () => copyFileSync('pkg/sotto_wasm_bg.wasm', 'dist/sotto_wasm_bg.wasm'),
};

/**
 * What runs in workers, each as one file that imports nothing, so that a consumer's bundler may treat it as an asset: the worker of a page,
 * and in the mode `wake-up` what a service worker imports.
 */
export default defineConfig(({ mode }) => {
  const name = mode === 'wake-up' ? 'wake-up' : 'worker';
  return {
    build: {
      target: 'es2024',
      outDir: 'dist',
      emptyOutDir: false,
      lib: { entry: `src/${name}.ts`, formats: ['es'], fileName: () => `${name}.js` },
    },
    plugins: [copyModule],
  };
});
