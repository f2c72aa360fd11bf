import { keptLanguage } from './choice';
import { directionOf, languageFor, type Language } from './languages';

// Runs before anything is painted, and before the app is here: while that is fetched, the words of the language that will be needed are
// on their way too.

/** Where the words of each language are. The build knows. */
declare const SOTTO_WORDS: Readonly<Record<Language, string>>;

const language = languageFor(keptLanguage(), navigator.languages);
document.documentElement.lang = language;
document.documentElement.dir = directionOf(language);

const link = document.createElement('link');
link.rel = 'modulepreload';
link.href = SOTTO_WORDS[language];
document.head.append(link);
