import type {
  Account,
  ChatId,
  ChatSummary,
  Message,
  MessageId,
  Person,
  Retention,
  SendOptions,
  Sotto,
  SottoEvent,
} from '@sotto/client';
import { t } from '../language/catalogue';
import { codeOf, explain } from '../text/problems';
import type { Chats } from './chats.svelte';
import { History } from './history.svelte';
import { isUnread } from './timeline';

/** How often it is said how far one has read, while one scrolls, in milliseconds. */
const READ_PAUSE = 500;

/** Which chat a page shows. A direct chat and notes need not have begun. */
export type Target =
  | { readonly kind: 'direct'; readonly name: string }
  | { readonly kind: 'group'; readonly group: ChatId }
  | { readonly kind: 'notes' };

/** One chat as its page shows it: what the local store has, then what changes. */
export class Conversation {
  /** The chat as the list has it, or had it at last; `undefined` while it has not begun. */
  readonly summary: ChatSummary | undefined = $derived.by(() => (this.#last = this.#find() ?? this.#last));
  #last: ChatSummary | undefined;
  /** Nobody has this name, or this account knows no such group. */
  unknown = $state(false);
  problem = $state<string>();
  /** Up to which position it was read when it was opened, if there was more; what follows is marked as new. */
  readBefore = $state<number>();
  /** The message that is to be shown at first, if not the newest: the one that was asked for, or the first unread one. */
  first = $state.raw<{ readonly message: MessageId; readonly isSought: boolean }>();
  /** Whether that is still to be shown: until then nothing was seen. */
  placing = $state(false);

  /** Somebody with whom there is no chat yet. */
  #stranger = $state.raw<Person>();
  /** The other one of a direct chat. */
  readonly person: Person | undefined = $derived(
    this.summary?.kind.kind === 'direct' ? this.summary.kind.with : this.#stranger,
  );
  /** How many messages could not be opened. */
  readonly undecryptable: number = $derived(this.summary?.undecryptable ?? 0);
  /** Whether it is paused, as a change was made that its rules do not allow. */
  readonly isHalted: boolean = $derived(this.summary?.isHalted ?? false);
  /** How long messages are kept that are sent without saying so. */
  readonly retention: Retention = $derived(this.summary?.retention ?? { kind: 'keep' });
  /** Who made it. */
  readonly haltedBy: string | undefined = $derived(this.summary?.haltedBy);

  /** How many messages nobody has seen here. */
  readonly unread: number = $derived(this.#find()?.unread ?? 0);

  readonly history: History;
  readonly target: Target;
  readonly #sotto: Promise<Sotto>;
  readonly #chats: Chats;
  #chat: ChatId | undefined;
  #unsubscribe: (() => void) | undefined;
  #closed = false;
  #readUpTo = 0;
  #toRead: ReturnType<typeof setTimeout> | undefined;
  #onMessage: (message: Message) => void = () => undefined;
  #sought: MessageId | undefined;

  constructor(sotto: Promise<Sotto>, chats: Chats, target: Target) {
    this.#sotto = sotto;
    this.#chats = chats;
    this.target = target;
    this.history = new History(sotto, (message) => this.#onMessage(message));
  }

  /** The messages that are held: see `History`. */
  get messages(): readonly Message[] {
    return this.history.messages;
  }

  /** Whether `messages` is what the store has. */
  get loaded(): boolean {
    return this.history.loaded;
  }

  /** Whether the newest messages are in view. */
  get following(): boolean {
    return this.history.following;
  }

  /**
   * Opens the chat, at a message if one is given; `onMessage` hears of every message that arrives from now on.
   */
  async open(onMessage: (message: Message) => void, sought?: MessageId): Promise<void> {
    this.#onMessage = onMessage;
    this.#sought = sought;
    const sotto = await this.#sotto;
    if (this.#closed) return;
    this.#unsubscribe = sotto.subscribe((event) => this.#receive(event));
    try {
      if (!this.summary) await this.#chats.read();
      if (this.summary) {
        await this.#openChat(this.summary.chat);
      } else {
        await this.#lookUp(sotto);
        this.history.loaded = true;
      }
    } catch (error) {
      if (codeOf(error) === 'user-not-found' || codeOf(error) === 'invalid-name') this.unknown = true;
      else this.problem = explain(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe?.();
    if (this.#toRead !== undefined) void this.#markRead();
  }

  /** Sends, beginning the chat if there is none. Returns whether the message is in the client's hands. */
  send(text: string, options: SendOptions = {}): Promise<boolean> {
    return this.sendBy((sotto, chat) => sotto.send(chat, text, options));
  }

  /** The same, of whatever `work` sends. */
  sendBy(work: (sotto: Sotto, chat: ChatId) => Promise<unknown>): Promise<boolean> {
    return this.does(async (sotto) => {
      if (!this.#chat) await this.#openChat(await this.#begin(sotto));
      if (this.#chat) await work(sotto, this.#chat);
    });
  }

  /** Asks the client for something; throws what goes wrong. */
  async ask<T>(work: (sotto: Sotto) => Promise<T>): Promise<T> {
    return work(await this.#sotto);
  }

  /** The same, but what goes wrong is shown here. Returns whether it was done. */
  async does(work: (sotto: Sotto) => Promise<unknown>): Promise<boolean> {
    this.problem = undefined;
    try {
      await this.ask(work);
      return true;
    } catch (error) {
      this.problem = explain(error);
      return false;
    }
  }

  /** A message that is held. */
  find(id: MessageId): Message | undefined {
    return this.history.find(id);
  }

  /** What somebody is called here. */
  nameOf({ account, name }: Account): string {
    return (account === this.person?.account && this.person.displayName) || name || t('actions.somebody');
  }

  /** How long messages are kept from now on, unless they say otherwise. */
  async setRetention(retention: Retention): Promise<void> {
    if (this.#chat) await (await this.#sotto).setRetention(this.#chat, retention);
  }

  /** Tells the others that something is being typed, or no more. */
  async setTyping(isTyping: boolean): Promise<void> {
    if (!this.#chat) return;
    try {
      await (await this.#sotto).setTyping(this.#chat, isTyping);
    } catch {
      // It is worth nothing a few seconds later.
    }
  }

  loadOlder(): Promise<void> {
    return this.#attempt(() => this.history.loadOlder());
  }

  loadNewer(): Promise<void> {
    return this.#attempt(() => this.history.loadNewer());
  }

  toNewest(): Promise<void> {
    return this.#attempt(() => this.history.toNewest());
  }

  /** Holds a message, however far back it is. Returns whether it does; if not, says why. */
  async reveal(id: MessageId): Promise<boolean> {
    let isHere = false;
    const asked = await this.does(async () => {
      isHere = await this.history.reveal(id);
    });
    if (asked && !isHere) this.problem = t('state.notHere');
    return isHere;
  }

  /** Holds what was said at a time and after it. Returns the first message of it, or the last one before; if there is none, says so. */
  async revealTime(at: number): Promise<MessageId | undefined> {
    const chat = this.#chat;
    let position: number | undefined;
    const asked = await this.does(async (sotto) => {
      position = chat === undefined ? undefined : await sotto.positionAt(chat, at);
      if (position !== undefined) await this.history.showAt(position);
    });
    const wanted = position;
    if (!asked || wanted === undefined) return undefined;
    return (this.messages.find((message) => message.position >= wanted) ?? this.messages.at(-1))?.id;
  }

  /** Says that messages were seen up to a position. While one scrolls, it is said from time to time. */
  markRead(position: number): void {
    const newest = this.messages.findLast((message) => !message.own && message.position <= position);
    if (!this.#chat || !newest || newest.position <= this.#readUpTo) return;
    this.#readUpTo = newest.position;
    if (this.following) void this.#markRead();
    else this.#toRead ??= setTimeout(() => void this.#markRead(), READ_PAUSE);
  }

  async #markRead(): Promise<void> {
    clearTimeout(this.#toRead);
    this.#toRead = undefined;
    const chat = this.#chat;
    if (!chat) return;
    try {
      await (await this.#sotto).markRead(chat, this.#readUpTo);
      await this.#chats.read();
    } catch (error) {
      this.problem = explain(error);
    }
  }

  async acceptIdentity(): Promise<void> {
    if (!this.person) return;
    this.problem = undefined;
    try {
      const sotto = await this.#sotto;
      await sotto.acceptIdentity(this.person.account);
      await this.#chats.read();
    } catch (error) {
      this.problem = explain(error);
    }
  }

  /** Answers a chat that waits as a request. Returns whether that was done. */
  async answer(answer: 'accept' | 'decline' | 'block'): Promise<boolean> {
    const { summary } = this;
    if (!summary?.request) return false;
    this.problem = undefined;
    try {
      const sotto = await this.#sotto;
      const { from } = summary.request;
      if (answer === 'accept') await sotto.acceptRequest(summary.chat);
      if (answer === 'block' && from) await sotto.block(from.account);
      if (answer === 'decline' || (answer === 'block' && summary.kind.kind === 'group')) {
        await sotto.declineRequest(summary.chat);
      }
      await this.#chats.read();
      return true;
    } catch (error) {
      this.problem = explain(error);
      return false;
    }
  }

  #find(): ChatSummary | undefined {
    switch (this.target.kind) {
      case 'direct':
        return this.#chats.withName(this.target.name);
      case 'group':
        return this.#chats.withId(this.target.group);
      case 'notes':
        return this.#chats.notes();
    }
  }

  /** What there is to know about a chat that has not begun. */
  async #lookUp(sotto: Sotto): Promise<void> {
    switch (this.target.kind) {
      case 'direct':
        this.#stranger = await sotto.person(this.target.name);
        return;
      case 'group':
        this.unknown = true;
        return;
      case 'notes':
        return;
    }
  }

  #begin(sotto: Sotto): Promise<ChatId> {
    switch (this.target.kind) {
      case 'direct':
        return sotto.startChat(this.target.name);
      case 'group':
        return Promise.resolve(this.target.group);
      case 'notes':
        return sotto.notes();
    }
  }

  async #openChat(chat: ChatId): Promise<void> {
    this.#chat = chat;
    this.unknown = false;
    const summary = this.#find();
    const readTo = summary && summary.unread > 0 ? summary.readTo : undefined;
    this.#readUpTo = summary?.readTo ?? 0;
    const sought = this.#sought === undefined ? undefined : await (await this.#sotto).message(chat, this.#sought);
    if (this.#sought !== undefined && !sought) this.problem = t('state.notHere');
    this.readBefore = readTo;
    this.placing = readTo !== undefined || sought !== undefined;
    await this.history.open(chat, readTo, sought?.position);
    let unread = readTo === undefined ? undefined : this.#firstUnread(readTo);
    if (readTo !== undefined && !sought && !unread) {
      // What was not read stands behind a long history that was told.
      await this.history.toNewest();
      unread = this.#firstUnread(readTo);
    }
    if (sought) this.first = { message: sought.id, isSought: true };
    else if (unread) this.first = { message: unread.id, isSought: false };
    else this.placing = false;
  }

  #firstUnread(readTo: number): Message | undefined {
    return this.messages.find((message) => isUnread(message, readTo));
  }

  #receive(event: SottoEvent): void {
    switch (event.kind) {
      case 'message':
        if (event.message.chat === this.#chat) this.history.collect(event.message);
        return;
      case 'message-removed':
        this.history.remove(event.message);
        return;
      case 'identity-changed':
        if (event.account === this.person?.account) void this.#attempt(() => this.#chats.read());
        return;
      case 'chat':
        if (!this.#chat || event.chat === this.#chat) void this.#attempt(() => this.#adopt());
        return;
      case 'history':
        if (event.chat === this.#chat) void this.#attempt(() => this.history.extend());
        return;
      case 'starred':
        if (this.#chat) void this.#attempt(() => this.history.reread());
        return;
      case 'reset':
        void this.#attempt(() => this.#catchUp());
        return;
      case 'account':
      case 'blocked':
      case 'connection':
      case 'devices':
      case 'device-added':
      case 'draft':
      case 'intent-failed':
      case 'join-requests':
      case 'archive':
      case 'notices':
      case 'presence':
      case 'privacy':
      case 'receipts':
      case 'store-failed':
      case 'transfer':
      case 'typing':
        return;
    }
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // Logging out overtakes a read that was under way.
      if (codeOf(error) !== 'unauthenticated') this.problem = explain(error);
    }
  }

  /** Shows what the store has now: events may have been missed. */
  async #catchUp(): Promise<void> {
    await this.#adopt();
    await this.history.reread();
  }

  /** Takes over a chat that began elsewhere, and what changed about it. */
  async #adopt(): Promise<void> {
    await this.#chats.read();
    if (this.summary && !this.#chat) await this.#openChat(this.summary.chat);
    // A name that was not known when a message came may be known now.
    else if (this.#chat && this.messages.some(isNameless)) await this.history.reread();
  }
}

/** Whether somebody in the message has no name yet. */
function isNameless({ from, body }: Message): boolean {
  if (from.name === '') return true;
  return body.kind === 'group-changes' && body.changes.some((change) => 'who' in change && change.who.name === '');
}
