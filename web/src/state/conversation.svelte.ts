import { tick } from 'svelte';
import type { ChatId, ChatSummary, Message, Person, Retention, Sotto, SottoEvent } from '@sotto/client';
import { codeOf, explain } from '../text/problems';
import type { Chats } from './chats.svelte';
import { merged } from './timeline';

const PAGE = 50;
/** While the newest messages are in view, older ones beyond this many are let go; scrolling up reads them again. */
const KEPT_WHILE_FOLLOWING = 4 * PAGE;

/** Which chat a page shows. A direct chat and notes need not have begun. */
export type Target =
  | { readonly kind: 'direct'; readonly name: string }
  | { readonly kind: 'group'; readonly group: ChatId }
  | { readonly kind: 'notes' };

/** One chat as its page shows it: what the local store has, then what changes. */
export class Conversation {
  /** The chat as the list has it; `undefined` while it has not begun. */
  summary = $state.raw<ChatSummary>();
  messages = $state.raw<readonly Message[]>([]);
  /** Whether `messages` begins with what the store has; before that, an empty chat means nothing. */
  loaded = $state(false);
  hasOlder = $state(false);
  /** Nobody has this name, or this account knows no such group. */
  unknown = $state(false);
  problem = $state<string>();
  /** Whether the newest messages are in view. */
  following = $state(true);

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

  readonly target: Target;
  readonly #sotto: Promise<Sotto>;
  readonly #chats: Chats;
  #chat: ChatId | undefined;
  #unsubscribe: (() => void) | undefined;
  #closed = false;
  #loadingOlder = false;
  #readUpTo = 0;
  #arrived: Message[] = [];
  #onMessage: (message: Message) => void = () => undefined;

  constructor(sotto: Promise<Sotto>, chats: Chats, target: Target) {
    this.#sotto = sotto;
    this.#chats = chats;
    this.target = target;
  }

  /** Opens the chat; `onMessage` hears of every message that arrives from now on. */
  async open(onMessage: (message: Message) => void): Promise<void> {
    this.#onMessage = onMessage;
    const sotto = await this.#sotto;
    if (this.#closed) return;
    this.#unsubscribe = sotto.subscribe((event) => this.#receive(event));
    try {
      this.summary = this.#find();
      if (!this.summary) {
        await this.#chats.read();
        this.summary = this.#find();
      }
      if (this.summary) {
        await this.#openChat(this.summary.chat);
      } else {
        await this.#lookUp(sotto);
        this.loaded = true;
      }
    } catch (error) {
      if (codeOf(error) === 'user-not-found' || codeOf(error) === 'invalid-name') this.unknown = true;
      else this.problem = explain(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe?.();
  }

  /** Sends, beginning the chat if there is none. Returns whether the message is in the client's hands. */
  async send(text: string, retention?: Retention): Promise<boolean> {
    this.problem = undefined;
    try {
      const sotto = await this.#sotto;
      if (!this.#chat) await this.#openChat(await this.#begin(sotto));
      if (this.#chat) await sotto.send(this.#chat, text, retention);
      return true;
    } catch (error) {
      this.problem = explain(error);
      return false;
    }
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

  async loadOlder(): Promise<void> {
    const oldest = this.messages[0];
    if (!this.#chat || !oldest || !this.hasOlder || this.#loadingOlder) return;
    this.#loadingOlder = true;
    try {
      // A fleeting message has the position of the one that it came after, which need not be here.
      const before = oldest.retention.kind === 'never' ? oldest.position + 1 : oldest.position;
      const older = await (await this.#sotto).messages(this.#chat, PAGE, before);
      this.hasOlder = older.length === PAGE;
      this.messages = merged(this.messages, older);
    } catch (error) {
      this.problem = explain(error);
    } finally {
      this.#loadingOlder = false;
    }
  }

  /** Says that the newest message was seen, once for each. */
  async markRead(): Promise<void> {
    const newest = this.messages.findLast((message) => !message.own);
    if (!this.#chat || !newest || newest.position <= this.#readUpTo) return;
    this.#readUpTo = newest.position;
    try {
      await (await this.#sotto).markRead(this.#chat, newest.position);
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
      await this.#refresh();
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
      await this.#refresh();
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
    const newest = await (await this.#sotto).messages(chat, PAGE);
    this.hasOlder = newest.length === PAGE;
    this.messages = merged(newest, this.messages);
    this.loaded = true;
    await tick();
    performance.mark('sotto:messages');
  }

  #receive(event: SottoEvent): void {
    switch (event.kind) {
      case 'message':
        if (event.message.chat === this.#chat) this.#collect(event.message);
        return;
      case 'message-removed':
        this.#remove(event.message);
        return;
      case 'identity-changed':
        if (event.account === this.person?.account) void this.#attempt(() => this.#refresh());
        return;
      case 'chat':
        if (!this.#chat || event.chat === this.#chat) void this.#attempt(() => this.#adopt());
        return;
      case 'reset':
        void this.#attempt(() => this.#catchUp());
        return;
      case 'account':
      case 'blocked':
      case 'connection':
      case 'devices':
      case 'device-added':
      case 'intent-failed':
      case 'join-requests':
      case 'presence':
      case 'privacy':
      case 'receipts':
      case 'store-failed':
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
    if (!this.#chat) return;
    const newest = await (await this.#sotto).messages(this.#chat, PAGE);
    const last = this.messages.findLast((message) => message.state !== 'queued');
    const gap = !last || !newest[0] || newest[0].position > last.position;
    this.hasOlder = gap ? newest.length === PAGE : this.hasOlder;
    const shown = this.messages.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > Date.now());
    this.messages = gap ? newest : merged(shown, newest);
  }

  /** Takes over a chat that began elsewhere, and what changed about it. */
  async #adopt(): Promise<void> {
    await this.#refresh();
    if (this.summary && !this.#chat) await this.#openChat(this.summary.chat);
    else if (this.#chat && this.messages.some(isNameless)) await this.#learnNames(this.#chat);
  }

  /** A name that was not known when a message came may be known now. */
  async #learnNames(chat: ChatId): Promise<void> {
    const read = await (await this.#sotto).messages(chat, this.messages.length);
    this.messages = merged(this.messages, read);
  }

  async #refresh(): Promise<void> {
    await this.#chats.read();
    this.summary = this.#find() ?? this.summary;
  }

  /** A page of messages may come in one breath: they are shown together, in the next frame. */
  #collect(message: Message): void {
    this.#arrived.push(message);
    if (this.#arrived.length > 1) return;
    if (document.visibilityState === 'visible') requestAnimationFrame(() => this.#show());
    else queueMicrotask(() => this.#show());
  }

  #remove(id: string): void {
    this.#arrived = this.#arrived.filter((message) => message.id !== id);
    this.messages = this.messages.filter((message) => message.id !== id);
  }

  #show(): void {
    const known = new Set(this.messages.map((message) => message.id));
    const arrived = this.#arrived;
    this.#arrived = [];
    const all = merged(this.messages, arrived);
    const tooMany = this.following && all.length > KEPT_WHILE_FOLLOWING;
    if (tooMany) this.hasOlder = true;
    this.messages = tooMany ? all.slice(-KEPT_WHILE_FOLLOWING) : all;
    for (const message of arrived) if (!known.has(message.id)) this.#onMessage(message);
  }
}

/** Whether somebody in the message has no name yet. */
function isNameless({ from, body }: Message): boolean {
  if (from.name === '') return true;
  return body.kind === 'group-changes' && body.changes.some((change) => 'who' in change && change.who.name === '');
}
