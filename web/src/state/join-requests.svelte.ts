import type { AccountId, ChatId, Group, JoinRequest, Sotto, SottoEvent } from '@sotto/client';
import { Rereading } from './rereading';

/** Who asks to be let into a group, for those of its members who can let them in; for all others there is nobody. */
export class JoinRequests {
  list = $state.raw<readonly JoinRequest[]>([]);

  readonly #group: ChatId;
  readonly #sotto: Promise<Sotto>;
  #unsubscribe: (() => void) | undefined;
  #closed = false;
  readonly #reading = new Rereading(() => this.#read());

  constructor(sotto: Promise<Sotto>, group: ChatId) {
    this.#sotto = sotto;
    this.#group = group;
  }

  async open(): Promise<void> {
    const sotto = await this.#sotto;
    if (this.#closed) return;
    this.#unsubscribe = sotto.subscribe((event) => this.#receive(event));
    await this.#reading.run();
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe?.();
  }

  async approve(account: AccountId): Promise<void> {
    await (await this.#sotto).approveJoinRequest(this.#group, account);
    await this.#reading.run();
  }

  async decline(account: AccountId): Promise<void> {
    await (await this.#sotto).declineJoinRequest(this.#group, account);
    await this.#reading.run();
  }

  async #read(): Promise<void> {
    const sotto = await this.#sotto;
    try {
      this.list = mayLetIn(await sotto.group(this.#group)) ? await sotto.joinRequests(this.#group) : [];
    } catch {
      // The requests are with the server. Where it cannot be reached, they are shown when it can be again.
    }
  }

  #receive(event: SottoEvent): void {
    switch (event.kind) {
      case 'join-requests':
      case 'chat':
        if (event.chat === this.#group) void this.#reading.run();
        return;
      case 'connection':
        if (event.state === 'online') void this.#reading.run();
        return;
      case 'reset':
        void this.#reading.run();
        return;
      case 'account':
      case 'blocked':
      case 'identity-changed':
      case 'devices':
      case 'device-added':
      case 'draft':
      case 'intent-failed':
      case 'message':
      case 'message-removed':
      case 'archive':
      case 'history':
      case 'notices':
      case 'presence':
      case 'privacy':
      case 'receipts':
      case 'starred':
      case 'store-failed':
      case 'transfer':
      case 'typing':
        return;
    }
  }
}

/** Whether the own role allows to let in who asks. Where several have to approve, each of them counts. */
function mayLetIn({ ownRole, joinPolicy }: Group): boolean {
  if (!ownRole) return false;
  if (ownRole !== 'member') return joinPolicy.kind !== 'open';
  switch (joinPolicy.kind) {
    case 'invite':
      return joinPolicy.by === 'members';
    case 'approval':
      return joinPolicy.by.kind !== 'any-admin';
    case 'open':
      return false;
  }
}
