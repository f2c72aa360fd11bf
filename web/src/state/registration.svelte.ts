import type { ServerInfo } from '@sotto/client';
import { codeOf } from '../text/problems';
import type { Site } from './site.svelte';

export type RegistrationPolicy = ServerInfo['registration'];

/** What the server said last, so that the first paint offers what it does. */
const HINT = 'sotto.registration';

/** Who may create an account on this server, and the invite code of whoever was invited. */
export class Registration {
  /** `undefined` while it is not known: what is offered then, the server may still refuse. */
  policy = $state<RegistrationPolicy | undefined>(remembered());
  /** Whether there is a point in offering it. */
  readonly isOffered: boolean = $derived(this.policy !== 'closed');
  /** What this tab was opened with, until it is used. */
  invite: string | undefined;

  readonly #site: Site;
  #isAnswered = false;
  #reading: Promise<void> | undefined;

  constructor(site: Site) {
    this.#site = site;
  }

  /** Asks the server, unless it has answered before. */
  read(): Promise<void> {
    if (this.#isAnswered) return Promise.resolve();
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  /** Takes the invite code out of the address, and with that out of the history: whoever has it can use it up. */
  takeInvite(): string | undefined {
    const invite = new URLSearchParams(location.search).get('invite');
    if (invite === null) return this.invite;
    history.replaceState(null, '', location.pathname);
    this.invite = invite.trim() || undefined;
    return this.invite;
  }

  /** What a refused registration says of the policy. */
  learnFrom(error: unknown): void {
    switch (codeOf(error)) {
      case 'registration-closed':
        this.#learn('closed');
        return;
      case 'invite-required':
      case 'invite-invalid':
        this.#learn('invited');
        return;
    }
  }

  async #read(): Promise<void> {
    try {
      const { registration } = await this.#site.ask();
      this.#learn(registration);
    } catch {
      // The form is there all the same: whoever sends it hears what is wrong.
    }
  }

  #learn(policy: RegistrationPolicy): void {
    this.#isAnswered = true;
    this.policy = policy;
    localStorage.setItem(HINT, policy);
  }
}

function remembered(): RegistrationPolicy | undefined {
  const policy = localStorage.getItem(HINT);
  return policy === 'open' || policy === 'invited' || policy === 'closed' ? policy : undefined;
}
