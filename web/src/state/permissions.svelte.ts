import type { OwnRole, Permission, Sotto } from '@sotto/client';

/** What leads to a page of the administration. */
const OF_ADMINISTRATION: readonly Permission[] = [
  'see-accounts',
  'handle-reports',
  'manage-invites',
  'manage-roles',
  'see-storage',
  'read-audit-log',
];

/** What this account may do on the server, as far as that is known: the server refuses what is not permitted, whatever is offered here. */
export class Permissions {
  #own = $state.raw<OwnRole>();
  readonly administers: boolean = $derived(OF_ADMINISTRATION.some((permission) => this.may(permission)));

  readonly #sotto: Promise<Sotto>;

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
  }

  get role(): string | undefined {
    return this.#own?.role;
  }

  may(permission: Permission): boolean {
    const permitted = this.#own?.permissions;
    return permitted !== undefined && (permitted.includes(permission) || permitted.includes('administer'));
  }

  /** Asks the server, and again when that changes, until the returned function is called: for pages that depend on it. */
  watch(): () => void {
    let unsubscribe: (() => void) | undefined;
    let isOver = false;
    void this.#sotto.then((sotto) => {
      if (isOver) return;
      unsubscribe = sotto.subscribe((event) => {
        // What was changed while the connection was away is asked for when it is back.
        const isChange = event.kind === 'role' || (event.kind === 'connection' && event.state === 'online');
        if (isChange || event.kind === 'account') void this.#read(sotto);
      });
      void this.#read(sotto);
    });
    return () => {
      isOver = true;
      unsubscribe?.();
    };
  }

  async #read(sotto: Sotto): Promise<void> {
    try {
      this.#own = (await sotto.account()) ? await sotto.ownRole() : undefined;
    } catch {
      // Nothing more is offered than was known.
    }
  }
}
