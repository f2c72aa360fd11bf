import type { OwnerProof } from '@sotto/client';
import { t } from '../language/catalogue';

/** What is being typed to show that one is the account's owner. Whoever has come in without the password may not know it any more. */
export class OwnerProofInput {
  means = $state<'password' | 'recovery'>('password');
  password = $state('');
  words = $state('');

  get proof(): OwnerProof {
    return this.means === 'password' ? { password: this.password } : { recoveryCode: this.words };
  }

  /** What a refusal of this proof means: for `Task.run`. */
  get refusals(): Record<string, string> {
    return {
      'wrong-credentials': this.means === 'password' ? t('deletion.wrongPassword') : t('account.wrongRecovery'),
    };
  }

  use(means: OwnerProofInput['means']): void {
    this.means = means;
    this.clear();
  }

  /** Nothing is kept of it. */
  clear(): void {
    this.password = '';
    this.words = '';
  }
}
