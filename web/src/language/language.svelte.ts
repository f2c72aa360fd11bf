import { speak, watchedBy } from './catalogue';
import { isAboutChoice, keepLanguage, keptLanguage } from './choice';
import { directionOf, languageFor, localeOf, type Language } from './languages';
import { load } from './load';

/** How often the language has changed: what was drawn before is drawn anew. */
let changes = $state(0);
watchedBy(() => void changes);

/** The language of this tab's pages. */
export class PageLanguage {
  /** What was chosen in this browser; `undefined`: its own language. */
  chosen = $state.raw(keptLanguage());
  /** The last that was asked for: one that comes late is for nothing. */
  #asked = 0;

  /** Speaks the language that was chosen, or else the browser's. */
  async start(): Promise<void> {
    await this.#use(languageFor(this.chosen, navigator.languages));
  }

  /** `undefined`: the browser's own. */
  async choose(chosen: Language | undefined): Promise<void> {
    this.chosen = chosen;
    keepLanguage(chosen);
    await this.start();
  }

  /** Follows what is chosen in other tabs, until the returned function is called. */
  listen(): () => void {
    const onStorage = (event: StorageEvent): void => {
      if (!isAboutChoice(event)) return;
      this.chosen = keptLanguage();
      // Without a connection the other language may not come: then it stays as it is.
      this.start().catch(() => undefined);
    };
    addEventListener('storage', onStorage);
    return () => removeEventListener('storage', onStorage);
  }

  async #use(language: Language): Promise<void> {
    const asked = (this.#asked += 1);
    const catalogue = await load(language);
    if (asked !== this.#asked) return;
    document.documentElement.lang = language;
    document.documentElement.dir = directionOf(language);
    speak(language, localeOf(language, navigator.languages), catalogue);
    changes += 1;
  }
}

export const pageLanguage = new PageLanguage();
