import type { Sotto } from '@sotto/client';

/** Tells the client whether a person is at this tab: it is in view, and has the focus. */
export class Attention {
  readonly #sotto: Promise<Sotto>;
  #told: boolean | undefined;

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
  }

  /** Tells it now and whenever it changes. Returns what ends that. */
  listen(): () => void {
    this.#told = undefined;
    const listening = new AbortController();
    const { signal } = listening;
    const look = (): void => this.#look();
    document.addEventListener('visibilitychange', look, { signal });
    window.addEventListener('focus', look, { signal });
    window.addEventListener('blur', look, { signal });
    look();
    return () => listening.abort();
  }

  #look(): void {
    const isHere = document.visibilityState === 'visible' && document.hasFocus();
    if (isHere === this.#told) return;
    this.#told = isHere;
    this.#sotto
      .then((sotto) => sotto.setActive(isHere))
      // Only what others see is wrong then, until the next change. The session says why the client could not start.
      .catch(() => undefined);
  }
}
