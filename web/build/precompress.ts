import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const COMPRESSIBLE = /\.(html|js|css|svg|wasm|webmanifest)$/;

const brotli = promisify(brotliCompress);
const ENCODINGS: Readonly<Record<string, (raw: Buffer) => Promise<Buffer>>> = {
  br: (raw) =>
    brotli(raw, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
      },
    }),
  // Browsers take brotli over TLS only.
  gz: (raw) => promisify(gzip)(raw, { level: constants.Z_BEST_COMPRESSION }),
};

/**
 * Writes `<file>.br` and `<file>.gz` beside every file that shrinks, so that the server, which has the files inside its
 * binary, never compresses while it answers.
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
        await Promise.all(
          names.filter((name) => COMPRESSIBLE.test(name)).map((name) => compress(join(directory, name))),
        );
      },
    },
  };
}

async function compress(file: string): Promise<void> {
  const raw = await readFile(file);
  for (const [extension, encode] of Object.entries(ENCODINGS)) {
    const small = await encode(raw);
    if (small.length < raw.length) await writeFile(`${file}.${extension}`, small);
  }
}
