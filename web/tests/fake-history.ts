import type {
  ChatId,
  ChatSummary,
  Draft,
  FoundMessage,
  Message,
  MessageId,
  SearchCursor,
  SearchPage,
  SearchQuery,
} from '@sotto/client';
import { problem } from './fake-calls';
import { FakeFiles } from './fake-files';

/** What the fake client keeps of a chat beside its messages, and what finds them again. */
export abstract class FakeHistory extends FakeFiles {
  /** How many messages can be starred. */
  maxStars = 1000;
  readonly drafts = new Map<ChatId, Draft>();
  /** The latest last. */
  readonly #stars = new Map<MessageId, ChatId>();
  readonly #muted = new Map<ChatId, { until?: number }>();
  readonly #archived = new Set<ChatId>();

  /** Another device of this account has begun to write something, or takes it away. */
  begins(chat: ChatId, draft: Draft | undefined): void {
    if (draft) this.drafts.set(chat, draft);
    else this.drafts.delete(chat);
    this.emit({ kind: 'draft', chat });
    this.emit({ kind: 'chat', chat });
  }

  /** This account has starred a message, or does no more, on any device. */
  stars(message: Message, isStarred = true): void {
    this.#stars.delete(message.id);
    if (isStarred) this.#stars.set(message.id, message.chat);
    const { isStarred: _before, ...rest } = this.now(message);
    this.change({ ...rest, ...(isStarred && { isStarred }) });
    this.emit({ kind: 'starred' });
  }

  mutes(chat: ChatId, until: number | 'always' | undefined): void {
    if (until === undefined) this.#muted.delete(chat);
    else this.#muted.set(chat, until === 'always' ? {} : { until });
    this.emit({ kind: 'chat', chat });
  }

  archives(chat: ChatId, isArchived = true): void {
    if (isArchived) this.#archived.add(chat);
    else this.#archived.delete(chat);
    this.emit({ kind: 'chat', chat });
  }

  override change(message: Message): void {
    const isNew = !message.own && this.isUnknown(message);
    if (isNew && !this.#muted.has(message.chat)) this.#archived.delete(message.chat);
    super.change(message);
  }

  async star(chat: ChatId, message: MessageId, isStarred: boolean): Promise<void> {
    this.called('star', `${message} ${isStarred}`);
    const found = await this.#here(chat, message);
    if (isStarred && this.#stars.size >= this.maxStars) throw problem('too-many-stars');
    this.stars(found, isStarred);
  }

  async starred(limit: number, skip: number): Promise<Message[]> {
    this.called('starred', `${limit} ${skip}`);
    return [...this.#stars]
      .reverse()
      .flatMap(([id, chat]) => this.found(chat, id) ?? [])
      .slice(skip, skip + limit);
  }

  async draft(chat: ChatId): Promise<Draft | undefined> {
    this.called('draft', chat);
    return this.drafts.get(chat);
  }

  async setDraft(chat: ChatId, draft: Draft | undefined): Promise<void> {
    this.called('setDraft', draft ? JSON.stringify(structuredClone(draft)) : 'none');
    if (draft) this.drafts.set(chat, structuredClone(draft));
    else this.drafts.delete(chat);
    this.emit({ kind: 'chat', chat });
  }

  protected override sent(chat: ChatId): void {
    this.drafts.delete(chat);
    this.emit({ kind: 'chat', chat });
  }

  async muteChat(chat: ChatId, until: number | 'always' | undefined): Promise<void> {
    this.called('muteChat', String(until));
    this.mutes(chat, until);
  }

  async archiveChat(chat: ChatId, isArchived: boolean): Promise<void> {
    this.called('archiveChat', String(isArchived));
    this.archives(chat, isArchived);
  }

  async messagesAfter(chat: ChatId, limit: number, after: number): Promise<Message[]> {
    this.called('messagesAfter', String(after));
    return this.logOf(chat).after(limit, after);
  }

  async positionAt(chat: ChatId, at: number): Promise<number | undefined> {
    this.called('positionAt', String(at));
    const log = this.logOf(chat);
    return (log.all.find((message) => message.at >= at) ?? log.newest)?.position;
  }

  async search(query: SearchQuery, limit: number, before?: SearchCursor): Promise<SearchPage> {
    this.called('search', JSON.stringify(structuredClone(query)));
    const sought = query.chat === undefined ? this.chatIds() : [query.chat];
    const all = sought
      .flatMap((chat) => this.logOf(chat).all.flatMap((message) => foundIn(message, query) ?? []))
      .sort((a, b) => b.message.at - a.message.at);
    const from = before === undefined ? 0 : Number(before);
    const next = from + limit < all.length ? { next: String(from + limit) } : {};
    return { found: all.slice(from, from + limit), ...next };
  }

  /** What a summary says of a chat beside its last message. */
  protected historyOf(
    chat: ChatId,
  ): Pick<ChatSummary, 'unread' | 'readTo' | 'unreadMentions' | 'draft' | 'muted' | 'isArchived'> {
    const draft = this.drafts.get(chat)?.text.slice(0, 200);
    const muted = this.#muted.get(chat);
    return {
      ...this.readingOf(chat),
      isArchived: this.#archived.has(chat),
      ...(draft && { draft }),
      ...(muted && { muted }),
    };
  }

  async #here(chat: ChatId, message: MessageId): Promise<Message> {
    const found = this.found(chat, message);
    if (!found) throw problem('message-not-found');
    return found;
  }
}

/** Every word that is sought begins a word of the text, whatever its case. */
function foundIn(message: Message, query: SearchQuery): FoundMessage | undefined {
  const { body, from, at } = message;
  if (body.kind !== 'text') return undefined;
  if (query.from !== undefined && from.account !== query.from) return undefined;
  if (query.since !== undefined && at < query.since) return undefined;
  if (query.until !== undefined && at >= query.until) return undefined;
  if (query.kind === 'link' && !/https?:\/\//.test(body.text)) return undefined;
  if (query.kind !== undefined && query.kind !== 'text' && query.kind !== 'link') return undefined;
  const marks: FoundMessage['marks'] = [];
  const text = body.text.toLowerCase();
  for (const word of query.text.toLowerCase().split(/\s+/).filter(Boolean)) {
    const start = [...text.matchAll(/[\p{L}\p{N}]+/gu)].find((match) => match[0].startsWith(word))?.index;
    if (start === undefined) return undefined;
    marks.push({ start, end: start + word.length });
  }
  return { message, marks: marks.sort((a, b) => a.start - b.start) };
}
