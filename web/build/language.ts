import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';
import { LANGUAGES } from '../src/language/languages';

const ENTRY = fileURLToPath(new URL('../src/language/early.ts', import.meta.url));
const PAGE = 'index.html';

/**
 * Puts a small script before the app's, which says to the browser which language the page is in, and has it fetch the words of that one
 * beside the app. While one develops there is none: the app does so itself, a little later.
 */
export function language(): Plugin {
  return {
    name: 'sotto-language',
    apply: 'build',
    // The page is in the bundle once all others have had their turn.
    enforce: 'post',
    async generateBundle(_, bundle) {
      const words = Object.fromEntries(
        LANGUAGES.map(({ language }) => {
          const chunk = Object.values(bundle).find(
            (file) => file.type === 'chunk' && file.facadeModuleId?.endsWith(`/src/language/${language}/index.ts`),
          );
          if (!chunk) throw new TypeError(`the words of ${language} are in no file of their own`);
          return [language, `/${chunk.fileName}`];
        }),
      );
      const page = bundle[PAGE];
      if (page?.type !== 'asset' || typeof page.source !== 'string') throw new TypeError('there is no page');
      const script = this.getFileName(
        this.emitFile({ type: 'asset', name: 'language.js', source: await early(words) }),
      );
      const before = page.source;
      page.source = before.replace(
        '<script type="module"',
        `<script src="/${script}"></script>\n    <script type="module"`,
      );
      if (page.source === before) throw new TypeError('the page has no script');
    },
  };
}

async function early(words: Readonly<Record<string, string>>): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    define: { SOTTO_WORDS: JSON.stringify(words) },
    build: {
      target: 'es2022',
      write: false,
      modulePreload: false,
      rolldownOptions: { input: ENTRY, output: { format: 'iife' } },
    },
  });
  const [output] = Array.isArray(built) ? built : [built];
  const [chunk] = output && 'output' in output ? output.output : [];
  if (chunk?.type !== 'chunk') throw new TypeError('the script was not built');
  return chunk.code;
}
