import { isLanguage, type Language } from './languages';

/** Where this browser keeps the language that somebody has chosen in it. It is no secret, and is needed before the first paint. */
const KEPT = 'language';

/** The language that was chosen in this browser. */
export function keptLanguage(): Language | undefined {
  try {
    const kept = localStorage.getItem(KEPT);
    return isLanguage(kept) ? kept : undefined;
  } catch {
    // Storage can be forbidden: then the browser's language it is.
    return undefined;
  }
}

/** Keeps a choice; `undefined`: the browser's own language. */
export function keepLanguage(chosen: Language | undefined): void {
  try {
    if (chosen === undefined) localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, chosen);
  } catch {
    // It holds for as long as the page is open.
  }
}

/** Whether a storage event is about the choice, made in another tab. */
export function isAboutChoice({ key }: StorageEvent): boolean {
  return key === KEPT || key === null;
}
