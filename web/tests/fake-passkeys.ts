import type { OwnerProof, OwnPasskey, PasskeyId } from '@sotto/client';
import { problem } from './fake-calls';
import { FakeOidc } from './fake-oidc';

/** The passkeys of the fake client's account. What the browser would be asked goes well. */
export abstract class FakePasskeys extends FakeOidc {
  readonly ownPasskeys = new Map<PasskeyId, OwnPasskey>();
  /** Whose passkeys they are, for a login. */
  passkeyOwner = 'alice';

  async addPasskey(name: string, proof: OwnerProof): Promise<PasskeyId> {
    this.called('addPasskey', name);
    this.prove(proof);
    const passkey = `passkey-${this.ownPasskeys.size + 1}`;
    this.ownPasskeys.set(passkey, { passkey, name, addedAt: Date.now() });
    return passkey;
  }

  async logInByPasskey(): Promise<void> {
    this.called('logInByPasskey');
    if (this.ownPasskeys.size === 0) throw problem('passkey-refused');
    this.enter(this.passkeyOwner);
  }

  async setPasswordByPasskey(next: string): Promise<void> {
    this.called('setPasswordByPasskey');
    if (this.ownPasskeys.size === 0) throw problem('passkey-refused');
    this.password = next;
  }

  async passkeys(): Promise<OwnPasskey[]> {
    this.called('passkeys');
    return [...this.ownPasskeys.values()];
  }

  async renamePasskey(passkey: PasskeyId, name: string): Promise<void> {
    this.called('renamePasskey', `${passkey} ${name}`);
    const known = this.ownPasskeys.get(passkey);
    if (!known) throw problem('passkey-not-found');
    this.ownPasskeys.set(passkey, { ...known, name });
  }

  async removePasskey(passkey: PasskeyId): Promise<void> {
    this.called('removePasskey', passkey);
    this.ownPasskeys.delete(passkey);
  }
}
