import { createContext } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Sotto } from '@sotto/client';
import { Router } from '../router.svelte';
import { Chats } from './chats.svelte';
import { Session } from './session.svelte';

/** What the pages share. */
export class App {
  readonly router = new Router();
  readonly session: Session;
  readonly chats: Chats;
  /** What a screen reader says next. */
  announcement = $state('');
  /** The page that asked for a login, to be opened after it. */
  returnTo = '/';

  readonly #drafts = new SvelteMap<string, string>();

  constructor(readonly sotto: Promise<Sotto>) {
    this.session = new Session(sotto);
    this.chats = new Chats(sotto);
  }

  /** Opens the client; what fails is shown, not thrown. */
  open(): void {
    void this.session.open();
    // The session says why the client could not start.
    this.chats.open().catch(() => undefined);
  }

  /** What was typed into a chat and not sent: gone with the tab. */
  draft(name: string): string {
    return this.#drafts.get(name) ?? '';
  }

  setDraft(name: string, text: string): void {
    if (text) this.#drafts.set(name, text);
    else this.#drafts.delete(name);
  }

  forgetDrafts(): void {
    this.#drafts.clear();
  }
}

export const [useApp, provideApp] = createContext<App>();
