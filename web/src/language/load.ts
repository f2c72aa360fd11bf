import type { Catalogue } from './catalogue';
import type { Language } from './languages';

/** A file for each language, of which a browser fetches those that it uses. */
export async function load(language: Language): Promise<Catalogue> {
  switch (language) {
    case 'en':
      return (await import('./en')).en;
    case 'de':
      return (await import('./de')).de;
    case 'ar':
      return (await import('./ar')).ar;
  }
}
