import type { Language } from './languages';

/** What is said where there are no words: they could not be fetched. */
export const NOT_LOADED: Readonly<Record<Language, string>> = {
  en: 'Sotto could not be loaded. Please reload the page.',
  de: 'Sotto konnte nicht geladen werden. Bitte lade die Seite neu.',
  ar: 'تعذر تحميل Sotto. أعد تحميل الصفحة من فضلك.',
};
