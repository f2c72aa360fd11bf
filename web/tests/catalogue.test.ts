import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';
import { ar } from '../src/language/ar';
import { de } from '../src/language/de';
import { en } from '../src/language/en';
import type { Area, Message } from '../src/language/message';

const TRANSLATED = { de, ar } as const;
const ALL = { en, ...TRANSLATED } as const;

const areasOf = (catalogue: object) => Object.entries(catalogue) as [string, Area][];
const formsOf = (message: Message) => (typeof message === 'string' ? [message] : Object.values(message));
const KEYS = areasOf(en).flatMap(([area, messages]) => Object.keys(messages).map((name) => `${area}.${name}`));

/** The values and parts that a message has, `count` of a plural among them whether it is said or not. */
function parametersOf(message: Message): string[] {
  const found = formsOf(message).flatMap((text) =>
    [...text.matchAll(/\{(\w+)\}|<\/(\w+)>/g)].map(([whole, value]) => (value ? value : whole)),
  );
  return [...new Set([...found, ...(typeof message === 'string' ? [] : ['count'])])].sort();
}

const SOURCES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(svelte|ts)$/.test(path) && !/^language[\\/](en|de|ar)[\\/]/.test(path))
  .map((path) => ({ path, source: readFileSync(join('src', path), 'utf8') }));

/** Where a template has words of its own. */
function wordsIn(source: string): string[] {
  const found: string[] = [];
  const SPOKEN = new Set(['aria-label', 'aria-description', 'title', 'alt', 'label', 'placeholder', 'hint', 'legend']);
  const hasWords = (text: string) => /\p{L}{2}/u.test(text.replace(/\b(Sotto|GIF)\b/g, ''));
  const walk = (node: unknown, isSaid: boolean): void => {
    if (Array.isArray(node)) return node.forEach((child) => walk(child, isSaid));
    if (typeof node !== 'object' || node === null) return;
    const { type, name, data } = node as { type?: string; name?: string; data?: string };
    if (type === 'Text') {
      if (isSaid && data !== undefined && hasWords(data)) found.push(data.trim());
      return;
    }
    if (type === 'StyleDirective' || type === 'Script') return;
    // Foreign words, and what is a drawing.
    const { attributes = [] } = node as { attributes?: { name?: string; value?: unknown }[] };
    if (type === 'RegularElement' && attributes.some((attribute) => attribute.name === 'translate')) return;
    const below = type === 'Attribute' ? SPOKEN.has(name ?? '') : isSaid;
    for (const [key, child] of Object.entries(node)) {
      if (key === 'type' || key === 'name' || key === 'metadata' || key === 'parent') continue;
      walk(child, below);
    }
  };
  walk(parse(source, { modern: true }).fragment, true);
  return found;
}

describe('the catalogue', () => {
  it('says in every language what it says in English, with the same values and parts', () => {
    for (const [language, catalogue] of Object.entries(TRANSLATED)) {
      const translated = new Map(
        areasOf(catalogue).flatMap(([area, messages]) =>
          Object.entries(messages).map(([name, message]) => [`${area}.${name}`, message] as const),
        ),
      );
      expect([...translated.keys()].sort(), language).toEqual([...KEYS].sort());
      for (const [area, messages] of areasOf(en)) {
        for (const [name, message] of Object.entries(messages)) {
          const found = translated.get(`${area}.${name}`) ?? '';
          expect(parametersOf(found), `${language} ${area}.${name}`).toEqual(parametersOf(message));
        }
      }
    }
  });

  it('has a sentence for each plural category of its language, each with words', () => {
    for (const [language, catalogue] of Object.entries(ALL)) {
      const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
      for (const [area, messages] of areasOf(catalogue)) {
        for (const [name, message] of Object.entries(messages)) {
          const where = `${language} ${area}.${name}`;
          if (typeof message !== 'string') expect(Object.keys(message).sort(), where).toEqual([...categories].sort());
          for (const text of formsOf(message)) expect(text.trim(), where).toBe(text);
        }
      }
    }
  });

  it('has nothing that is never said', () => {
    const all = SOURCES.map(({ source }) => source).join('\n');
    const literal = new Set([...all.matchAll(/['"]([a-zA-Z]+\.[\w-]+)['"]/g)].map(([, key]) => key));
    // Those that are looked up by what is known only then: t(`problems.${code}`).
    const prefixes = [...all.matchAll(/`([a-zA-Z]+\.[\w-]*)\$\{/g)].map(([, prefix]) => prefix ?? '');
    const unused = KEYS.filter((key) => !literal.has(key) && !prefixes.some((prefix) => key.startsWith(prefix)));
    expect(unused).toEqual([]);
  });

  it('has all that components say', () => {
    const own = SOURCES.filter(({ path }) => path.endsWith('.svelte')).flatMap(({ path, source }) =>
      wordsIn(source).map((words) => `${path}: ${words}`),
    );
    expect(own).toEqual([]);
  });
});
