import type {
  Account,
  ChatId,
  GroupChange,
  Mention,
  Message,
  MessageId,
  Quote,
  Retention,
  Role,
  SendOptions,
  SottoEvent,
} from '@sotto/client';
import { problem } from './fake-calls';
import { FakeDevices } from './fake-devices';
import { FakeLog } from './fake-log';

/** What the fake client's messages have to know of the rest of it. */
export interface FakeChat {
  /** How long its messages are kept. */
  retention: Retention;
  /** The role of this account, if it is a group. */
  ownRole?: Role | undefined;
  isGroup: boolean;
}

/** Messages of the fake client, and what people do with them. */
export abstract class FakeMessages extends FakeDevices {
  me: Account | null = null;
  readonly #logs = new Map<ChatId, FakeLog>();
  readonly #pinned = new Map<ChatId, MessageId[]>();
  readonly #mentioned = new Map<MessageId, Mention[]>();
  readonly #read = new Map<ChatId, number>();
  readonly #retentions = new Map<ChatId, Retention>();
  #isMute = false;
  #ids = 0;

  /** Fails if nothing can be sent there. */
  protected abstract writable(chat: ChatId): FakeChat;
  protected abstract get isOnline(): boolean;
  abstract accountOf(name: string): Account;

  /** Puts a message into a chat. */
  saidIn(chat: ChatId, name: string, text: string, more: Partial<Message> = {}): Message {
    const own = more.own ?? name === this.me?.name;
    const message: Message = {
      id: this.id('message'),
      chat,
      position: (this.logOf(chat).newest?.position ?? 0) + 1,
      from: own && this.me ? this.me : this.accountOf(name),
      own,
      body: { kind: 'text', text },
      at: Date.now(),
      state: own ? 'accepted' : 'received',
      retention: { kind: 'keep' },
      ...more,
    };
    this.change(message);
    return message;
  }

  /** Adds a message or changes the one with its id, and says so. */
  change(message: Message): void {
    // A fleeting message is in no history.
    if (message.retention.kind !== 'never') this.logOf(message.chat).put(message);
    this.emit({ kind: 'message', message });
  }

  /** Somebody has changed something in a group. */
  changed(group: ChatId, from: string, changes: GroupChange[], more: Partial<Message> = {}): Message {
    return this.saidIn(group, from, '', { body: { kind: 'group-changes', changes }, ...more });
  }

  /** The name of a message's sender has become known. */
  renames(message: Message, name: string): void {
    const before = this.now(message);
    this.logOf(message.chat).put({ ...before, from: { ...before.from, name } });
    this.emit({ kind: 'chat', chat: message.chat });
  }

  /** The message's time is over. */
  vanishes(message: Message): void {
    this.forgets(message);
    this.emit({ kind: 'message-removed', chat: message.chat, message: message.id });
  }

  /** The same, and nobody hears of it. */
  forgets(message: Message): void {
    this.logOf(message.chat).remove(message.id);
  }

  /** Does something of which nobody hears. */
  silently(something: () => void): void {
    this.#isMute = true;
    something();
    this.#isMute = false;
  }

  override emit(event: SottoEvent): void {
    if (!this.#isMute) super.emit(event);
  }

  /** Events may have been missed. */
  resets(): void {
    this.emit({ kind: 'reset' });
  }

  /** All that was said in a chat was read here. */
  seenIn(chat: ChatId): this {
    return this.seenTo(chat, this.logOf(chat).newest?.position ?? 0);
  }

  /** It was read that far here. */
  seenTo(chat: ChatId, position: number): this {
    this.#read.set(chat, position);
    return this;
  }

  /** The newest state of a message. */
  now(message: Message): Message {
    return this.#find(message.chat, message.id);
  }

  /** The places that a message names, as they were sent. */
  mentionsOf(message: MessageId): Mention[] {
    return this.#mentioned.get(message) ?? [];
  }

  /** Somebody says something else in place of what they said. */
  edits(message: Message, text: string, at = Date.now()): Message {
    const before = this.now(message);
    const said = before.body.kind === 'text' ? before.body.text : '';
    const editions = [...(before.editions ?? [{ text: said, at: before.at }]), { text, at }];
    const edited: Message = { ...before, body: { kind: 'text', text }, editions };
    this.change(edited);
    return edited;
  }

  /** Somebody deletes a message for everybody. */
  deletes(name: string, message: Message): void {
    const { editions: _editions, reactions: _reactions, replyTo: _replyTo, ...rest } = this.now(message);
    this.change({ ...rest, body: { kind: 'deleted', by: this.accountOf(name) } });
  }

  /** Somebody reacts to a message, or takes it back. */
  reacts(name: string, message: Message, emoji: string, isSet = true): void {
    const who = this.accountOf(name);
    const { reactions: before = [], ...rest } = this.now(message);
    const others = (by: Account[]): Account[] => by.filter(({ account }) => account !== who.account);
    const all = before.some((reaction) => reaction.emoji === emoji) ? before : [...before, { emoji, by: [] }];
    const reactions = all
      .map((reaction) =>
        reaction.emoji === emoji
          ? { emoji, by: isSet ? [...others(reaction.by), who] : others(reaction.by) }
          : reaction,
      )
      .filter(({ by }) => by.length > 0);
    this.change({ ...rest, ...(reactions.length > 0 && { reactions }) });
  }

  /** Somebody has a message shown above the others, or not any more. */
  pins({ chat, id }: Message, isPinned = true): void {
    const left = (this.#pinned.get(chat) ?? []).filter((other) => other !== id);
    this.#pinned.set(chat, isPinned ? [...left, id] : left);
    this.emit({ kind: 'chat', chat });
  }

  async messages(chat: ChatId, limit: number, before = Number.POSITIVE_INFINITY): Promise<Message[]> {
    this.called('messages');
    return this.logOf(chat).before(limit, before);
  }

  async message(chat: ChatId, message: MessageId): Promise<Message | undefined> {
    this.called('message', message);
    return this.found(chat, message);
  }

  async markRead(chat: ChatId, position: number): Promise<void> {
    this.called('markRead', String(position));
    this.#read.set(chat, position);
    this.emit({ kind: 'chat', chat });
  }

  async setRetention(chat: ChatId, retention: Retention): Promise<void> {
    this.called('setRetention', retention.kind);
    this.#retentions.set(chat, retention);
    this.emit({ kind: 'chat', chat });
  }

  async send(chat: ChatId, text: string, options: SendOptions = {}): Promise<MessageId> {
    this.called('send', text);
    const { retention, replyTo, mentions } = structuredClone(options);
    const chosen = this.writable(chat).retention;
    const kept = retention ?? chosen;
    const more: Partial<Message> = {
      own: true,
      state: 'queued',
      retention: kept,
      body: { kind: 'text', text, ...(mentions && { mentions }) },
      ...(replyTo !== undefined && { replyTo: this.quoted(chat, replyTo) }),
    };
    const queued = this.saidIn(chat, this.me?.name ?? '', text, more);
    if (mentions) this.#mentioned.set(queued.id, mentions);
    const taken: Partial<Message> = kept.kind === 'never' ? { state: 'relayed', reached: 1 } : { state: 'accepted' };
    if (kept.kind === 'for') taken.expiresAt = queued.at + kept.seconds * 1000;
    if (this.isOnline) queueMicrotask(() => this.change({ ...queued, ...taken }));
    this.sent(chat);
    return queued.id;
  }

  async edit(chat: ChatId, message: MessageId, text: string, mentions?: Mention[]): Promise<void> {
    this.called('edit', `${message} ${text}`);
    const found = this.#find(chat, message);
    if (!found.own || found.body.kind !== 'text') throw problem('message-refused');
    if (mentions) this.#mentioned.set(message, structuredClone(mentions));
    if (found.state === 'queued') this.change({ ...found, body: { kind: 'text', text } });
    else this.edits(found, text);
  }

  async deleteMessage(chat: ChatId, message: MessageId): Promise<void> {
    this.called('deleteMessage', message);
    const found = this.#find(chat, message);
    const { ownRole } = this.writable(chat);
    if (!found.own && ownRole !== 'owner' && ownRole !== 'admin') throw problem('message-refused');
    if (found.state === 'queued') this.vanishes(found);
    else this.deletes(this.me?.name ?? '', found);
  }

  async deleteMessageHere(chat: ChatId, message: MessageId): Promise<void> {
    this.called('deleteMessageHere', message);
    const found = this.#find(chat, message);
    if (found.state === 'queued') throw problem('not-sent-yet');
    this.vanishes(found);
  }

  async react(chat: ChatId, message: MessageId, emoji: string, isSet: boolean): Promise<void> {
    this.called('react', `${message} ${emoji} ${isSet}`);
    this.reacts(this.me?.name ?? '', this.#find(chat, message), emoji, isSet);
  }

  async pin(chat: ChatId, message: MessageId, isPinned: boolean): Promise<void> {
    this.called('pin', `${message} ${isPinned}`);
    const { isGroup, ownRole } = this.writable(chat);
    if (isGroup && ownRole !== 'owner' && ownRole !== 'admin') throw problem('message-refused');
    this.pins(this.#find(chat, message), isPinned);
  }

  async pinned(chat: ChatId): Promise<Message[]> {
    this.called('pinned');
    return (this.#pinned.get(chat) ?? []).flatMap((id) => this.found(chat, id) ?? []);
  }

  async forward(from: ChatId, message: MessageId, to: ChatId): Promise<MessageId> {
    this.called('forward', `${message} ${to}`);
    const { body, retention } = this.#find(from, message);
    if ((body.kind !== 'text' && body.kind !== 'file') || retention.kind !== 'keep') throw problem('message-refused');
    this.writable(to);
    return this.saidIn(to, this.me?.name ?? '', '', { own: true, body: { ...body, isForwarded: true } }).id;
  }

  /** A message as an answer quotes it. */
  protected quoted(chat: ChatId, message: MessageId): Quote {
    return quoteOf(this.#find(chat, message));
  }

  /** Something was sent there. */
  protected sent(_chat: ChatId): void {}

  /** How far a chat was read, and what was not. */
  protected readingOf(chat: ChatId): { readTo: number; unread: number; unreadMentions: number } {
    const readTo = this.#read.get(chat) ?? 0;
    const unread = this.logOf(chat)
      .after(Number.POSITIVE_INFINITY, readTo)
      .filter(({ own, toldBy }) => !own && !toldBy);
    return { readTo, unread: unread.length, unreadMentions: unread.filter(({ mentionsOwn }) => mentionsOwn).length };
  }

  /** `rule`: what the group's rules say. */
  protected retentionOf(chat: ChatId, rule: Retention | undefined): Retention {
    return this.#retentions.get(chat) ?? rule ?? { kind: 'keep' };
  }

  protected logOf(chat: ChatId): FakeLog {
    let log = this.#logs.get(chat);
    if (!log) {
      log = new FakeLog();
      this.#logs.set(chat, log);
    }
    return log;
  }

  protected chatIds(): ChatId[] {
    return [...this.#logs.keys()];
  }

  protected found(chat: ChatId, message: MessageId): Message | undefined {
    return this.logOf(chat).find(message);
  }

  /** Whether it is not in its chat yet. */
  protected isUnknown({ chat, id }: Message): boolean {
    return this.found(chat, id) === undefined;
  }

  protected forgetMessages(): void {
    this.#logs.clear();
    this.#pinned.clear();
  }

  protected id(kind: string): string {
    this.#ids += 1;
    return `${kind}-${this.#ids}`;
  }

  #find(chat: ChatId, message: MessageId): Message {
    const found = this.found(chat, message);
    if (!found) throw problem('message-not-found');
    return found;
  }
}

/** As somebody quotes it who answers it. */
export function quoteOf({ id, from, body, retention }: Message): Quote {
  return { message: id, from, text: body.kind === 'text' && retention.kind === 'keep' ? body.text.slice(0, 100) : '' };
}
