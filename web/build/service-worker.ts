import { fileURLToPath } from 'node:url';
import { build, type Plugin, type ResolvedConfig } from 'vite';

const ENTRY = fileURLToPath(new URL('../src/service-worker/main.ts', import.meta.url));
const NAME = 'service-worker.js';
const PACKAGE = '@sotto/client/wake-up';
const MODULE = /sotto_wasm_bg[^/]*\.wasm$/;

export interface ServiceWorkerOptions {
  /** What is built in place of the client, for tests. */
  readonly client?: string;
}

interface Script {
  readonly fileName: string;
  readonly code: string;
}

/**
 * Builds the service worker by itself, as a module, to `/service-worker.js`: its place decides what it may answer for, and its name must
 * not change with what is in it. What runs the client is a second file, which it imports: it is large, and changes less often. While one
 * develops it is built whenever it is asked for.
 */
export function serviceWorker(options: ServiceWorkerOptions = {}): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'sotto-service-worker',
    configResolved: (resolved) => void (config = resolved),
    async generateBundle(_, bundle) {
      // The page's own worker has the same: the browser has it once.
      const module = Object.keys(bundle).find((name) => MODULE.test(name));
      for (const { fileName, code } of await scripts(config, options, `/${module ?? ''}`)) {
        this.emitFile({ type: 'asset', fileName, source: code });
      }
    },
    configureServer(server) {
      const module = fileURLToPath(new URL('../../wasm/package/dist/sotto_wasm_bg.wasm', import.meta.url));
      let built: readonly Script[] = [];
      server.middlewares.use((request, response, next) => {
        const name = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1);
        const serve = (script: Script | undefined): void => {
          if (!script) return next();
          response.setHeader('content-type', 'text/javascript; charset=utf-8');
          response.end(script.code);
        };
        if (name !== NAME) return serve(built.find(({ fileName }) => fileName === name));
        scripts(config, options, `/@fs${module}`).then((all) => {
          built = all;
          serve(all.find(({ fileName }) => fileName === NAME));
        }, next);
      });
    },
  };
}

async function scripts(
  { root }: ResolvedConfig,
  { client }: ServiceWorkerOptions,
  module: string,
): Promise<readonly Script[]> {
  const built = await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    define: { SOTTO_MODULE: JSON.stringify(module) },
    resolve: { alias: client === undefined ? {} : { [PACKAGE]: client } },
    build: {
      target: 'es2022',
      write: false,
      modulePreload: false,
      rolldownOptions: {
        input: ENTRY,
        output: {
          format: 'es',
          entryFileNames: NAME,
          chunkFileNames: 'assets/[name]-[hash].js',
          codeSplitting: { groups: [{ name: 'wake-up', test: /[\\/]wake-up\.[jt]s$/ }] },
        },
      },
    },
  });
  const [output] = Array.isArray(built) ? built : [built];
  if (!output || !('output' in output)) throw new TypeError('the service worker was not built');
  return output.output.flatMap((file) => (file.type === 'chunk' ? [{ fileName: file.fileName, code: file.code }] : []));
}
