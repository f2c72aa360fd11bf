import type { Account, ConnectionState, Sotto } from '@sotto/client';
import { explain } from '../text/problems';

/**
 * Remembers nothing but that somebody is logged in, so that the first paint shows the right page before the client has
 * opened its store.
 */
const HINT = 'sotto.logged-in';

/** Who is logged in, and whether the server can be reached. */
export class Session {
  /** `undefined` until the client has said. */
  account = $state.raw<Account | null>();
  connection = $state<ConnectionState>('connecting');
  /** Nothing more can be stored; the client tries again by itself. */
  storeFailed = $state(false);
  /** Why the client could not start, in plain words. */
  failure = $state<string>();

  #hint = $state(localStorage.getItem(HINT) !== null);

  readonly loggedIn: boolean = $derived(this.account === undefined ? this.#hint : this.account !== null);

  readonly #sotto: Promise<Sotto>;

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
  }

  async open(): Promise<void> {
    try {
      const sotto = await this.#sotto;
      sotto.subscribe((event) => {
        switch (event.kind) {
          case 'account':
            this.#setAccount(event.account);
            return;
          case 'connection':
            this.connection = event.state;
            if (event.state === 'online') this.storeFailed = false;
            return;
          case 'store-failed':
            this.storeFailed = true;
            return;
          case 'reset':
            void this.#read(sotto);
            return;
          case 'blocked':
          case 'chat':
          case 'message':
          case 'message-removed':
          case 'identity-changed':
          case 'devices':
          case 'device-added':
          case 'draft':
          case 'intent-failed':
          case 'join-requests':
          case 'archive':
          case 'history':
          case 'notices':
          case 'presence':
          case 'privacy':
          case 'receipts':
          case 'starred':
          case 'transfer':
          case 'typing':
            return;
        }
      });
      await this.#read(sotto);
      performance.mark('sotto:client');
    } catch (error) {
      this.failure = explain(error);
    }
  }

  async #read(sotto: Sotto): Promise<void> {
    try {
      const [account, connection] = await Promise.all([sotto.account(), sotto.connection()]);
      this.#setAccount(account);
      this.connection = connection;
      this.failure = undefined;
    } catch (error) {
      this.failure = explain(error);
    }
  }

  #setAccount(account: Account | null): void {
    this.account = account;
    if (account) localStorage.setItem(HINT, '1');
    else localStorage.removeItem(HINT);
    this.#hint = account !== null;
  }
}
