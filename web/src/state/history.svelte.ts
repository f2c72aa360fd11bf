import { tick } from 'svelte';
import type { ChatId, Message, MessageId, Sotto } from '@sotto/client';
import { merged } from './timeline';

const PAGE = 50;
/** While the newest messages are in view, older ones beyond this many are let go; scrolling up reads them again. */
const KEPT_WHILE_FOLLOWING = 4 * PAGE;
/** More are not held at once: beyond it, those at the other end are let go. */
const HELD = 1000;
const HELD_AFTER_LETTING_GO = 600;

/**
 * The messages of a chat that its page holds: one stretch of its history without a gap, which grows at the end to which one
 * scrolls, and lets go at the other. What it reads may fail, and throws.
 */
export class History {
  messages = $state.raw<readonly Message[]>([]);
  /** Whether `messages` is what the store has there; before that, an empty chat means nothing. */
  loaded = $state(false);
  hasOlder = $state(false);
  hasNewer = $state(false);
  /** Whether the newest messages are in view. */
  following = $state(true);

  readonly #byId: ReadonlyMap<MessageId, Message> = $derived(
    new Map(this.messages.map((message) => [message.id, message])),
  );

  readonly #sotto: Promise<Sotto>;
  readonly #onMessage: (message: Message) => void;
  #chat: ChatId | undefined;
  /** Counts the stretches: a page that was read for an earlier one is dropped. */
  #stretch = 0;
  #older: Promise<void> | undefined;
  #newer: Promise<void> | undefined;
  #arrived: Message[] = [];
  /** In no store: they are here for as long as the chat is open. */
  readonly #fleeting = new Map<MessageId, Message>();
  /** They may stand in a page that was asked for before. */
  readonly #removed = new Set<MessageId>();

  /** `onMessage` hears of every message that arrives. */
  constructor(sotto: Promise<Sotto>, onMessage: (message: Message) => void) {
    this.#sotto = sotto;
    this.#onMessage = onMessage;
  }

  /** A message that is held. */
  find(id: MessageId): Message | undefined {
    return this.#byId.get(id);
  }

  /** Reads the newest messages, or those around the first unread one if it is further back. `readTo`: how far was read. */
  async open(chat: ChatId, readTo: number | undefined, around: number | undefined): Promise<void> {
    this.#chat = chat;
    if (around !== undefined) await this.#readAround(around);
    else await this.#readNewest(readTo);
    this.loaded = true;
    await tick();
    performance.mark('sotto:messages');
  }

  /** Reads an older page; once at a time. */
  loadOlder(): Promise<void> {
    this.#older ??= this.#readOlder().finally(() => (this.#older = undefined));
    return this.#older;
  }

  /** Reads a newer page; once at a time. */
  loadNewer(): Promise<void> {
    this.#newer ??= this.#readNewer().finally(() => (this.#newer = undefined));
    return this.#newer;
  }

  /** Holds the newest messages. */
  async toNewest(): Promise<void> {
    if (this.hasNewer) await this.#readNewest();
  }

  /** Holds what stands at a position, and around it. */
  async showAt(position: number): Promise<void> {
    const [first, last] = [this.messages[0], this.messages.at(-1)];
    const isHeld =
      first !== undefined &&
      last !== undefined &&
      (position >= first.position || !this.hasOlder) &&
      (position <= last.position || !this.hasNewer);
    if (!isHeld) await this.#readAround(position);
  }

  /** Holds a message, however far back it is. Returns whether it is here. */
  async reveal(id: MessageId): Promise<boolean> {
    if (this.find(id)) return true;
    if (!this.#chat) return false;
    const found = await (await this.#sotto).message(this.#chat, id);
    if (!found) return false;
    await this.showAt(found.position);
    return this.find(id) !== undefined;
  }

  /** A message has come, or has changed. Many may come in one breath: they are shown together, in the next frame. */
  collect(message: Message): void {
    this.#arrived.push(message);
    if (this.#arrived.length > 1) return;
    if (document.visibilityState === 'visible') requestAnimationFrame(() => this.#show());
    else queueMicrotask(() => this.#show());
  }

  remove(id: MessageId): void {
    this.#removed.add(id);
    this.#fleeting.delete(id);
    this.#arrived = this.#arrived.filter((message) => message.id !== id);
    this.messages = this.messages.filter((message) => message.id !== id);
  }

  /** More has come at any place of the chat, and before the first message that is held. */
  async extend(): Promise<void> {
    this.hasOlder = true;
    await this.reread();
  }

  /** Reads what is held once more: any of it may have been edited or deleted, and more may have come. */
  async reread(): Promise<void> {
    const chat = this.#chat;
    if (!chat) return;
    const stretch = this.#stretch;
    const limit = Math.min(Math.max(PAGE, this.messages.length), HELD);
    const [first] = this.messages;
    const sotto = await this.#sotto;
    const read =
      this.following || !first
        ? await sotto.messages(chat, limit)
        : await sotto.messagesAfter(chat, limit, first.position - 1);
    if (stretch !== this.#stretch) return;
    const [oldest, latest] = [read[0], read.at(-1)];
    const last = this.messages.findLast((message) => message.state !== 'queued');
    if (!last || !oldest || !latest || oldest.position > last.position) {
      this.#hold(read, read.length === limit, false);
      return;
    }
    const stored = new Set(read.map(({ id }) => id));
    const isThere = ({ id, position, retention, expiresAt }: Message): boolean => {
      if (expiresAt !== undefined && expiresAt <= Date.now()) return false;
      // A fleeting one is in no store, and what has come since was not read.
      const isRead = retention.kind !== 'never' && position >= oldest.position && position <= latest.position;
      return !isRead || stored.has(id);
    };
    if (!this.following && read.length === limit) this.hasNewer = true;
    this.messages = merged(this.messages.filter(isThere), this.#present(read));
  }

  /** `readTo`: or around what was not read, if that begins further back. */
  async #readNewest(readTo?: number): Promise<void> {
    const chat = this.#chat;
    if (!chat) return;
    const stretch = (this.#stretch += 1);
    const newest = await (await this.#sotto).messages(chat, PAGE);
    if (stretch !== this.#stretch) return;
    const hasOlder = newest.length === PAGE;
    if (readTo !== undefined && hasOlder && (newest[0]?.position ?? 0) > readTo + 1) {
      await this.#readAround(readTo + 1);
    } else {
      this.#hold(newest, hasOlder, false);
    }
  }

  async #readAround(position: number): Promise<void> {
    const chat = this.#chat;
    if (!chat) return;
    const stretch = (this.#stretch += 1);
    const sotto = await this.#sotto;
    const [older, newer] = await Promise.all([
      sotto.messages(chat, PAGE, position),
      sotto.messagesAfter(chat, PAGE, position - 1),
    ]);
    if (stretch !== this.#stretch) return;
    this.#hold([...older, ...newer], older.length === PAGE, newer.length === PAGE);
  }

  async #readOlder(): Promise<void> {
    const [chat, oldest, stretch] = [this.#chat, this.messages[0], this.#stretch];
    if (!chat || !oldest || !this.hasOlder) return;
    // A fleeting message has the position of the one that it came after, which need not be here.
    const before = oldest.retention.kind === 'never' ? oldest.position + 1 : oldest.position;
    const older = await (await this.#sotto).messages(chat, PAGE, before);
    if (stretch !== this.#stretch) return;
    this.hasOlder = older.length === PAGE;
    const all = merged(this.messages, this.#present(older));
    const tooMany = all.length > HELD;
    if (tooMany) this.hasNewer = true;
    this.messages = tooMany ? all.slice(0, HELD_AFTER_LETTING_GO) : all;
  }

  async #readNewer(): Promise<void> {
    const [chat, newest, stretch] = [this.#chat, this.messages.at(-1), this.#stretch];
    if (!chat || !newest || !this.hasNewer) return;
    const newer = await (await this.#sotto).messagesAfter(chat, PAGE, newest.position);
    if (stretch !== this.#stretch) return;
    this.hasNewer = newer.length === PAGE;
    const all = merged(this.messages, this.#present(newer));
    const tooMany = all.length > HELD;
    if (tooMany) this.hasOlder = true;
    this.messages = tooMany ? all.slice(-HELD_AFTER_LETTING_GO) : all;
  }

  #hold(messages: readonly Message[], hasOlder: boolean, hasNewer: boolean): void {
    this.hasOlder = hasOlder;
    this.hasNewer = hasNewer;
    const oldest = hasOlder ? (messages[0]?.position ?? 0) : 0;
    const newest = hasNewer ? (messages.at(-1)?.position ?? 0) : Number.POSITIVE_INFINITY;
    const fleeting = [...this.#fleeting.values()].filter(({ position }) => position >= oldest && position <= newest);
    this.messages = merged(this.#present(messages), fleeting);
  }

  #present(messages: readonly Message[]): readonly Message[] {
    return this.#removed.size === 0 ? messages : messages.filter(({ id }) => !this.#removed.has(id));
  }

  #show(): void {
    const known = new Set(this.messages.map((message) => message.id));
    // What is outside of this stretch is read when it comes into view.
    const oldest = this.hasOlder ? (this.messages[0]?.position ?? 0) : 0;
    const newest = this.hasNewer ? (this.messages.at(-1)?.position ?? 0) : Number.POSITIVE_INFINITY;
    const all = this.#arrived;
    this.#arrived = [];
    for (const message of all) if (message.retention.kind === 'never') this.#fleeting.set(message.id, message);
    const within = all.filter(({ id, position }) => known.has(id) || (position >= oldest && position <= newest));
    const messages = merged(this.messages, within);
    const tooMany = this.following && messages.length > KEPT_WHILE_FOLLOWING;
    if (tooMany) this.hasOlder = true;
    this.messages = tooMany ? messages.slice(-KEPT_WHILE_FOLLOWING) : messages;
    for (const message of all) if (!known.has(message.id) && message.position >= oldest) this.#onMessage(message);
  }
}
