import type { OwnRole, Permission, Sotto } from '@sotto/client';

/** What leads to a page of the administration. */
const OF_ADMINISTRATION: readonly Permission[] = ['see-accounts', 'manage-invites', 'see-storage', 'read-audit-log'];

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

  async open(): Promise<void> {
    const sotto = await this.#sotto;
    sotto.subscribe((event) => {
      if (event.kind === 'account' && !event.account) this.#own = undefined;
      // What was changed while the connection was away is asked for when it is back.
      const isChange = event.kind === 'role' || (event.kind === 'connection' && event.state === 'online');
      if (isChange) void this.#read(sotto);
    });
    await this.#read(sotto);
  }

  async #read(sotto: Sotto): Promise<void> {
    try {
      this.#own = (await sotto.account()) ? await sotto.ownRole() : undefined;
    } catch {
      // Nothing more is offered than was known.
    }
  }
}
