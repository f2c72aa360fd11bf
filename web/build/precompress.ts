import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Plugin } from 'vite';

const compress = promisify(brotliCompress);
const COMPRESSIBLE = /\.(html|js|css|svg|wasm|webmanifest)$/;

/**
 * Writes `<file>.br` beside every file that shrinks, so that the server, which has the files inside its binary, never
 * compresses while it answers.
 */
export function precompress(): Plugin {
  let directory = '';
  return {
    name: 'sotto-precompress',
    apply: 'build',
    configResolved: (config) => {
      directory = join(config.root, config.build.outDir);
    },
    closeBundle: {
      order: 'post',
      async handler() {
        const names = await readdir(directory, { recursive: true });
        for (const name of names.filter((name) => COMPRESSIBLE.test(name))) {
          const file = join(directory, name);
          const raw = await readFile(file);
          const small = await compress(raw, {
            params: {
              [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
              [constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
            },
          });
          if (small.length < raw.length) await writeFile(`${file}.br`, small);
        }
      },
    },
  };
}
