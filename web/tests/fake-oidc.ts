import type { OidcIdentity, OidcInfo, OidcLogin, OwnerProof, RegisterOptions } from '@sotto/client';
import { FakeAccount } from './fake-account';
import { problem } from './fake-calls';

/** The OpenID provider of the fake client's server. */
export abstract class FakeOidc extends FakeAccount {
  provider: OidcInfo | undefined;
  /** Who logs in there. */
  visitor: OidcIdentity = { registration: false };
  linkedAt: number | null = null;
  /** Whether the provider's ticket is held. */
  hasTicket = false;

  /** The server has this provider, at which this person logs in. */
  isAt(provider: Partial<OidcInfo>, visitor: Partial<OidcIdentity> = {}): this {
    this.provider = { name: 'Example', registration: false, required: false, ...provider };
    this.visitor = { registration: false, ...visitor };
    return this;
  }

  async oidcLogin(redirectUri: string): Promise<OidcLogin> {
    this.called('oidcLogin', redirectUri);
    return { authorizationUrl: 'https://id.example.org/authorize', pending: 'pending' };
  }

  async finishOidcLogin(pending: string, address: string): Promise<OidcIdentity> {
    this.called('finishOidcLogin', `${pending} ${address}`);
    if (address.includes('access_denied')) throw problem('cancelled');
    if (pending !== 'pending' || !address.includes('code=')) throw problem('oidc-refused');
    this.hasTicket = true;
    return this.visitor;
  }

  async forgetOidcLogin(): Promise<void> {
    this.called('forgetOidcLogin');
    this.hasTicket = false;
  }

  async linkOidc(proof: OwnerProof): Promise<void> {
    this.called('linkOidc');
    if (!this.hasTicket) throw problem('oidc-expired');
    this.prove(proof);
    this.linkedAt = Date.now();
  }

  async oidcLinkedAt(): Promise<number | null> {
    this.called('oidcLinkedAt');
    return this.linkedAt;
  }

  async unlinkOidc(): Promise<void> {
    this.called('unlinkOidc');
    this.linkedAt = null;
  }

  /** Whom the provider vouches for is let in, and linked. */
  protected override admit(options: RegisterOptions | undefined): void {
    if (!this.hasTicket) return super.admit(options);
    if (!this.provider?.registration) super.admit(options);
    this.linkedAt = Date.now();
    this.hasTicket = false;
  }

  protected override extraInfo(): { oidc?: OidcInfo } {
    return this.provider ? { oidc: this.provider } : {};
  }
}
