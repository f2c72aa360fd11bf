import { getContext, setContext } from 'svelte';
import type { Message, MessageId, Sotto } from '@sotto/client';
import { isVisual } from '../text/media';
import { explain } from '../text/problems';
import type { Conversation } from './conversation.svelte';
import { merged } from './timeline';

/** Messages that are read at once, to look for pictures among them. */
const PAGE = 200;
/** Pages that are read for one wish: a chat need not have more pictures. */
const PAGES = 10;
/** Pictures that are enough for a screen. */
const ENOUGH = 24;

function hasVisual({ body, fromBlocked }: Message): boolean {
  return body.kind === 'file' && !fromBlocked && isVisual(body.file);
}

/** The pictures and videos of a chat: those that are on the page, and the older ones, page by page. */
export class ChatMedia {
  /** The one that fills the screen. */
  viewed = $state.raw<MessageId>();
  /** Whether all of them are shown. */
  listing = $state(false);
  loading = $state(false);
  problem = $state<string>();
  /** Whether there may be older ones. */
  hasOlder = $state(true);

  readonly #conversation: Conversation;
  #older = $state.raw<readonly Message[]>([]);
  /** Everything from here on was looked at. */
  #from: number | undefined;

  /** Oldest first. */
  readonly list: readonly Message[] = $derived.by(() => {
    const gone = this.#gone;
    // What somebody says who is blocked is not among them, unless it was asked for.
    const isShown = (message: Message) => hasVisual(message) || message.id === this.viewed;
    return merged(this.#older, this.#conversation.messages.filter(isShown)).filter(
      ({ id, expiresAt }) => !gone.has(id) && !(expiresAt !== undefined && expiresAt <= Date.now()),
    );
  });
  #gone = $state.raw<ReadonlySet<MessageId>>(new Set());

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  /** Shows a picture or video over all of the window. */
  view(message: Message): void {
    this.viewed = message.id;
  }

  /** Hears until the returned function is called which messages are not to be shown any longer. */
  listen(client: Promise<Sotto>): () => void {
    let end: (() => void) | undefined;
    let isOver = false;
    const gone = (message: MessageId) => (this.#gone = new Set([...this.#gone, message]));
    client
      .then((sotto) => {
        if (isOver) return;
        end = sotto.subscribe((event) => {
          if (event.kind === 'message-removed') gone(event.message);
          else if (event.kind === 'message' && event.message.body.kind === 'deleted') gone(event.message.id);
        });
      })
      // The session says why the client could not start.
      .catch(() => undefined);
    return () => {
      isOver = true;
      end?.();
    };
  }

  /** Looks for older ones, until there is a screen full of them more, or nothing is left. */
  async loadOlder(): Promise<void> {
    const chat = this.#conversation.summary?.chat;
    if (this.loading || !this.hasOlder || chat === undefined) return;
    this.loading = true;
    this.problem = undefined;
    try {
      const before = this.#older.length;
      for (let page = 0; page < PAGES && this.hasOlder && this.#older.length < before + ENOUGH; page += 1) {
        const read = await this.#conversation.ask((sotto) => sotto.messages(chat, PAGE, this.#from));
        this.hasOlder = read.length === PAGE;
        this.#from = read[0]?.position ?? this.#from;
        this.#older = merged(this.#older, read.filter(hasVisual));
      }
    } catch (error) {
      this.problem = explain(error);
    } finally {
      this.loading = false;
    }
  }
}

const KEY = Symbol('media');

export function provideMedia(media: ChatMedia): void {
  setContext(KEY, media);
}

/** The pictures of the chat that this is a part of; `undefined` outside of one. */
export function useMedia(): ChatMedia | undefined {
  return getContext<ChatMedia | undefined>(KEY);
}
