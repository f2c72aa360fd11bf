import type { OidcIdentity, Sotto } from '@sotto/client';
import { codeOf } from '../text/problems';

/** What has to be known when the provider sends back. The address has the rest, so that neither alone is of use to anybody. */
const PENDING = 'sotto.oidc';
/** Where the provider sends back to. */
export const RETURN_PATH = '/login/oidc';

/** Who has logged in at the server's OpenID provider, from this tab. */
export class Oidc {
  identity = $state.raw<OidcIdentity>();

  readonly #sotto: Promise<Sotto>;
  readonly #leave: (address: string) => void;

  /** `leave`: opens another site's page in the place of this one. */
  constructor(sotto: Promise<Sotto>, leave = (address: string) => location.assign(address)) {
    this.#sotto = sotto;
    this.#leave = leave;
  }

  /** Goes to the provider. This page is gone then. */
  async begin(): Promise<void> {
    const { authorizationUrl, pending } = await (await this.#sotto).oidcLogin(location.origin + RETURN_PATH);
    sessionStorage.setItem(PENDING, pending);
    this.#leave(authorizationUrl);
  }

  /** Takes what the provider has sent back, and with that out of the address and the history. `false` if nothing was begun here. */
  async finish(): Promise<boolean> {
    const pending = sessionStorage.getItem(PENDING);
    const address = location.search;
    sessionStorage.removeItem(PENDING);
    history.replaceState(null, '', RETURN_PATH);
    if (pending === null || address === '') return false;
    this.identity = await (await this.#sotto).finishOidcLogin(pending, address);
    return true;
  }

  /** What a refused registration means. Whom the provider vouches for needs no invite: to be asked for one is to have come too late. */
  meaningOf(error: unknown): unknown {
    const code = codeOf(error);
    if (!this.identity?.registration || (code !== 'registration-closed' && code !== 'invite-required')) return error;
    this.identity = undefined;
    return { code: 'oidc-expired' };
  }

  /** Somebody else goes on here. */
  async forget(): Promise<void> {
    this.identity = undefined;
    await (await this.#sotto).forgetOidcLogin();
  }
}
