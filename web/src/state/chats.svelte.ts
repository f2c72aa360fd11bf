import type { ChatId, ChatSummary, Person, Sotto } from '@sotto/client';
import { isMuted } from '../text/muting';
import { codeOf, explain } from '../text/problems';
import { Rereading } from './rereading';

/** Browsers do not wait longer, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The chats of the account, the latest active first, as the local store has them. */
export class Chats {
  list = $state.raw<readonly ChatSummary[]>([]);
  /** Whether `list` is what the store has: an empty list before that means nothing. */
  loaded = $state(false);
  problem = $state<string>();

  /** When the list was looked at: a chat is muted until a time. */
  #now = $state(Date.now());
  #unmuting: ReturnType<typeof setTimeout> | undefined;

  /** What nobody has read in the chats that are not muted. */
  readonly unread: number = $derived(
    this.list.reduce((sum, chat) => (this.isMuted(chat) ? sum : sum + chat.unread), 0),
  );

  /** The chats that wait until they are accepted or declined. */
  readonly requests: readonly ChatSummary[] = $derived(this.list.filter((chat) => chat.request));
  /** All others. */
  readonly accepted: readonly ChatSummary[] = $derived(this.list.filter((chat) => !chat.request));
  /** Of these, those that are not put away, and those that are. */
  readonly current: readonly ChatSummary[] = $derived(this.accepted.filter((chat) => !chat.isArchived));
  readonly archived: readonly ChatSummary[] = $derived(this.accepted.filter((chat) => chat.isArchived));

  /** The people of the direct chats. */
  readonly people: readonly Person[] = $derived(
    this.list.flatMap(({ kind }) => (kind.kind === 'direct' ? [kind.with] : [])),
  );

  readonly #sotto: Promise<Sotto>;
  readonly #reading = new Rereading(() => this.#read());

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
  }

  async open(): Promise<void> {
    const sotto = await this.#sotto;
    sotto.subscribe((event) => {
      switch (event.kind) {
        case 'account':
          if (event.account === null) {
            this.list = [];
            this.loaded = false;
          } else {
            this.#refresh();
          }
          return;
        case 'chat':
        case 'message':
        case 'message-removed':
        case 'identity-changed':
        case 'reset':
          this.#refresh();
          return;
        case 'blocked':
        case 'connection':
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
        case 'store-failed':
        case 'transfer':
        case 'typing':
          return;
      }
    });
    if (await sotto.account()) await this.read();
  }

  #refresh(): void {
    this.read().catch((error: unknown) => {
      // Logging out overtakes a read that was under way.
      if (codeOf(error) !== 'unauthenticated') this.problem = explain(error);
    });
  }

  isMuted(chat: ChatSummary): boolean {
    return isMuted(chat, this.#now);
  }

  /** The direct chat with this person. */
  withName(name: string): ChatSummary | undefined {
    return this.list.find(({ kind }) => kind.kind === 'direct' && kind.with.name === name);
  }

  withId(chat: ChatId): ChatSummary | undefined {
    return this.list.find((summary) => summary.chat === chat);
  }

  /** Whether this account is in the group. */
  isIn(group: ChatId): boolean {
    const kind = this.withId(group)?.kind;
    return kind?.kind === 'group' && kind.isMember;
  }

  /** The chat with oneself. */
  notes(): ChatSummary | undefined {
    return this.list.find(({ kind }) => kind.kind === 'notes');
  }

  /**
   * Reads the list: afterwards it has everything that was so when this was called. However many changes arrive while it is
   * being read, it is read once more.
   */
  read(): Promise<void> {
    return this.#reading.run();
  }

  async #read(): Promise<void> {
    this.list = await (await this.#sotto).chats();
    this.#lookAtTime();
    this.loaded = true;
    this.problem = undefined;
  }
  /** Looks again when the next chat is muted no longer. */
  #lookAtTime(): void {
    this.#now = Date.now();
    clearTimeout(this.#unmuting);
    const next = Math.min(...this.list.flatMap(({ muted }) => muted?.until ?? []).filter((until) => until > this.#now));
    if (Number.isFinite(next)) {
      this.#unmuting = setTimeout(() => this.#lookAtTime(), Math.min(next - this.#now + 1, LONGEST_TIMER));
    }
  }
}
