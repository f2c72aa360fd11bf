import type { Account, AccountId, ChatId, Presence, Privacy, Receipt, SottoEvent } from '@sotto/client';

/** In larger groups nothing is told. */
const TELLING_MEMBERS = 64;

/** What members tell each other beside messages, for the fake client: how far they are, that they type, that they are there. */
export class FakeReceipts {
  privacy: Privacy = { deliveryReceipts: true, readReceipts: true, typing: true, presence: true };
  #emit: (event: SottoEvent) => void;
  readonly #progress = new Map<ChatId, Map<AccountId, { delivered: number; read: number }>>();
  readonly #presences = new Map<AccountId, Presence>();

  constructor(emit: (event: SottoEvent) => void) {
    this.#emit = emit;
  }

  /** Does something of which nobody here hears. */
  misses(something: () => void): void {
    const emit = this.#emit;
    this.#emit = () => undefined;
    something();
    this.#emit = emit;
  }

  /** The devices of `who` have got everything up to a position. */
  delivers(chat: ChatId, who: Account, position: number): void {
    const { delivered, read } = this.#of(chat, who);
    this.#set(chat, who, { delivered: Math.max(delivered, position), read });
  }

  /** `who` has read everything up to a position. */
  reads(chat: ChatId, who: Account, position: number): void {
    const { delivered, read } = this.#of(chat, who);
    this.#set(chat, who, { delivered: Math.max(delivered, position), read: Math.max(read, position) });
  }

  types(chat: ChatId, who: Account, isTyping = true): void {
    if (this.privacy.typing) this.#emit({ kind: 'typing', chat, who, isTyping });
  }

  isThere({ account }: Account, presence: Presence): void {
    this.#presences.set(account, presence);
    this.#emit({ kind: 'presence', account });
  }

  /** Set here or on another device. */
  set(privacy: Privacy): void {
    this.privacy = structuredClone(privacy);
    this.#emit({ kind: 'privacy' });
  }

  receipts(chat: ChatId, others: readonly Account[]): Receipt[] {
    if (others.length + 1 > TELLING_MEMBERS) return [];
    const { deliveryReceipts, readReceipts } = this.privacy;
    return others.map((who) => {
      const { delivered, read } = this.#of(chat, who);
      return { who, since: 0, delivered: deliveryReceipts ? delivered : 0, read: readReceipts ? read : 0 };
    });
  }

  presence(account: AccountId): Presence {
    return (this.privacy.presence && this.#presences.get(account)) || { kind: 'unknown' };
  }

  #of(chat: ChatId, { account }: Account): { delivered: number; read: number } {
    return this.#progress.get(chat)?.get(account) ?? { delivered: 0, read: 0 };
  }

  #set(chat: ChatId, { account }: Account, progress: { delivered: number; read: number }): void {
    const members = this.#progress.get(chat) ?? new Map<AccountId, { delivered: number; read: number }>();
    this.#progress.set(chat, members.set(account, progress));
    this.#emit({ kind: 'receipts', chat });
  }
}
