import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Account, AccountId, Profile, Sotto } from '@sotto/client';
import { codeOf } from '../text/problems';

/** What is shown of somebody beside what they are called. */
export type Face = Pick<Profile, 'picture' | 'isBot'>;

/** How many are remembered, unless more are in view. */
const KEPT = 500;
/** How many are read at a time. */
const AT_ONCE = 4;
/** How long one is good, in milliseconds: it is read again when it comes into view after that. */
const FRESH = 10 * 60_000;
/** How long nobody is read after the server did not answer, in milliseconds. */
const PAUSE = 30_000;
/** With these the server has not said anything about the account. */
const UNANSWERED: ReadonlySet<string | undefined> = new Set([
  'offline',
  'interrupted',
  'rate-limited',
  'timeout',
  'unauthenticated',
  'unavailable',
  'unreachable',
]);

interface InView {
  readonly name: string;
  /** In how many places. */
  places: number;
}

/**
 * The pictures of those who are in view, and which of them are bots: what their profiles say, which are on the server alone. Whoever comes
 * into view is read, the last one first, some at a time; whoever has left it before is not.
 */
export class Faces {
  readonly #known = new SvelteMap<AccountId, Face & { readonly readAt: number }>();
  readonly #inView = new Map<AccountId, InView>();
  readonly #reading = new Set<AccountId>();
  #pause: ReturnType<typeof setTimeout> | undefined;
  /** Which account is logged in, the first or a later one: what was asked for by another is not kept. */
  #session = 0;

  readonly #sotto: Promise<Sotto>;

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
  }

  /** `undefined` until it was read. */
  of(account: AccountId): Face | undefined {
    return this.#known.get(account);
  }

  /** They are in view, until the returned function is called. */
  show({ account, name }: Account): () => void {
    const shown = this.#inView.get(account) ?? { name, places: 0 };
    shown.places += 1;
    // To the end: read before those who were there earlier.
    this.#inView.delete(account);
    this.#inView.set(account, shown);
    this.#readNext();
    return () => {
      shown.places -= 1;
      if (shown.places === 0 && this.#inView.get(account) === shown) this.#inView.delete(account);
    };
  }

  /** A profile that was read for another reason, or changed here. */
  keep(profile: Profile): void {
    this.#keep(profile.account, profile);
  }

  /** The server can be reached again. */
  resume(): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#readNext();
  }

  /** Another account comes: nothing of this one's stays. */
  forget(): void {
    this.#session += 1;
    this.#known.clear();
  }

  #readNext(): void {
    if (this.#pause !== undefined) return;
    for (const [account, { name }] of [...this.#inView].reverse()) {
      if (this.#reading.size >= AT_ONCE) return;
      if (!this.#reading.has(account) && this.#isDue(account)) void this.#read(account, name);
    }
  }

  #isDue(account: AccountId): boolean {
    const known = untrack(() => this.#known.get(account));
    return known === undefined || Date.now() - known.readAt > FRESH;
  }

  async #read(account: AccountId, name: string): Promise<void> {
    const session = this.#session;
    this.#reading.add(account);
    try {
      const profile = await (await this.#sotto).profile(name);
      // A name may have gone to somebody else.
      if (session === this.#session) this.#keep(account, profile.account === account ? profile : {});
    } catch (error) {
      if (UNANSWERED.has(codeOf(error))) this.#pause ??= setTimeout(() => this.resume(), PAUSE);
      else if (session === this.#session) this.#keep(account, {});
    } finally {
      this.#reading.delete(account);
      this.#readNext();
    }
  }

  #keep(account: AccountId, { picture, isBot }: Face): void {
    untrack(() => {
      this.#known.set(account, { ...(picture && { picture }), isBot: isBot ?? false, readAt: Date.now() });
      if (this.#known.size <= KEPT) return;
      for (const one of this.#known.keys()) {
        if (this.#inView.has(one)) continue;
        this.#known.delete(one);
        return;
      }
    });
  }
}
