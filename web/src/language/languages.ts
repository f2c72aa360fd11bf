/** The languages that the app is written in. */
export type Language = 'en' | 'de' | 'ar';

export interface LanguageInfo {
  readonly language: Language;
  /** What it calls itself. */
  readonly name: string;
  readonly direction: 'ltr' | 'rtl';
}

export const LANGUAGES: readonly LanguageInfo[] = [
  { language: 'en', name: 'English', direction: 'ltr' },
  { language: 'de', name: 'Deutsch', direction: 'ltr' },
  { language: 'ar', name: 'العربية', direction: 'rtl' },
];

/** What is written where none of the reader's languages is. */
const FALLBACK: Language = 'en';

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some(({ language }) => language === value);
}

export function directionOf(asked: Language): 'ltr' | 'rtl' {
  return LANGUAGES.find(({ language }) => language === asked)?.direction ?? 'ltr';
}

/** `de-AT` is written in German. */
function languageOf(tag: string): string {
  return tag.toLowerCase().split('-')[0] ?? '';
}

/** The first of the reader's languages that the app is written in. */
export function preferred(tags: readonly string[]): Language {
  return tags.map(languageOf).find(isLanguage) ?? FALLBACK;
}

/** The language to write in: the one that was chosen, or the first of the reader's. */
export function languageFor(chosen: Language | undefined, tags: readonly string[]): Language {
  return chosen ?? preferred(tags);
}

/** Whose dates and numbers are written: those of the reader's region, if their browser names one for this language. */
export function localeOf(language: Language, tags: readonly string[]): string {
  const regional = tags.find((tag) => languageOf(tag) === language);
  // A browser may name what Intl does not know.
  try {
    return Intl.getCanonicalLocales(regional ?? language)[0] ?? language;
  } catch {
    return language;
  }
}
