import { notifications as arNotifications } from '../language/ar/notifications';
import { previews as arPreviews } from '../language/ar/previews';
import { speak, type Catalogue } from '../language/catalogue';
import { notifications as deNotifications } from '../language/de/notifications';
import { previews as dePreviews } from '../language/de/previews';
import { notifications as enNotifications } from '../language/en/notifications';
import { previews as enPreviews } from '../language/en/previews';
import { languageFor, localeOf, type Language } from '../language/languages';
import type { NotificationStore } from '../notifications/store';

/** What is said here: a service worker can import nothing while it runs, so it has this of every language. */
const WORDS: Readonly<Record<Language, Pick<Catalogue, 'notifications' | 'previews'>>> = {
  en: { notifications: enNotifications, previews: enPreviews },
  de: { notifications: deNotifications, previews: dePreviews },
  ar: { notifications: arNotifications, previews: arPreviews },
};

/** Speaks a language; without a choice the browser's. */
export function speakHere(chosen: Language | undefined, tags: readonly string[]): void {
  const language = languageFor(chosen, tags);
  speak(language, localeOf(language, tags), WORDS[language]);
}

/** Speaks the language that was chosen in this browser's pages. */
export async function speakChosen(store: Pick<NotificationStore, 'language'>, tags: readonly string[]): Promise<void> {
  // Where nothing can be read, something is said all the same.
  speakHere(await store.language().catch(() => undefined), tags);
}
