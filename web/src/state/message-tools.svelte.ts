import type { ChatId, Message, MessageId } from '@sotto/client';
import { t } from '../language/catalogue';
import { verbsFor, type Place, type Verb } from '../text/message-verbs';
import { codeOf } from '../text/problems';
import type { Composing } from './composing.svelte';
import type { Conversation } from './conversation.svelte';
import type { Pins } from './pins.svelte';

/** What is open about a message. */
export type Opened =
  | { readonly kind: 'menu'; readonly message: Message; readonly anchor: HTMLElement }
  | {
      readonly kind: 'reaction' | 'forward' | 'editions' | 'readers' | 'delete' | 'delete-here';
      readonly message: Message;
    };

/** What people do with the messages of a chat. */
export class MessageTools {
  opened = $state.raw<Opened>();
  readonly composing: Composing;
  readonly #conversation: Conversation;
  readonly #place: () => Place;
  readonly #pins: () => Pins | undefined;

  constructor(conversation: Conversation, composing: Composing, place: () => Place, pins: () => Pins | undefined) {
    this.#conversation = conversation;
    this.composing = composing;
    this.#place = place;
    this.#pins = pins;
  }

  verbs(message: Message): ReadonlySet<Verb> {
    return verbsFor(message, this.#place());
  }

  isPinned(message: MessageId): boolean {
    return this.#pins()?.has(message) ?? false;
  }

  close(): void {
    this.opened = undefined;
  }

  /** Edits what this account has said last. Returns whether there is something. */
  editLast(): boolean {
    const last = this.#conversation.messages.findLast((message) => message.own && this.verbs(message).has('edit'));
    if (last) this.composing.edit(last);
    return last !== undefined;
  }

  async copy({ body }: Message): Promise<void> {
    const text = body.kind === 'file' ? body.caption : body.kind === 'text' ? body.text : undefined;
    if (text === undefined) return;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      this.#conversation.problem = t('state.copyRefused');
    }
  }

  async react({ chat, id }: Message, emoji: string, isSet: boolean): Promise<boolean> {
    return this.#conversation.does((sotto) => sotto.react(chat, id, emoji, isSet));
  }

  async pin({ chat, id }: Message, isPinned: boolean): Promise<void> {
    await this.#conversation.does((sotto) => sotto.pin(chat, id, isPinned));
  }

  async star({ chat, id }: Message, isStarred: boolean): Promise<void> {
    await this.#conversation.does((sotto) => sotto.star(chat, id, isStarred));
  }

  /** Throws what went wrong, as the two below. */
  async forward({ chat, id }: Message, to: ChatId): Promise<void> {
    await this.#conversation.ask((sotto) => sotto.forward(chat, id, to));
  }

  async delete({ chat, id }: Message): Promise<void> {
    await goneIs(() => this.#conversation.ask((sotto) => sotto.deleteMessage(chat, id)));
  }

  async deleteHere({ chat, id }: Message): Promise<void> {
    await goneIs(() => this.#conversation.ask((sotto) => sotto.deleteMessageHere(chat, id)));
  }
}

/** Deletes something; that it is not there any more is as good. */
async function goneIs(deletion: () => Promise<unknown>): Promise<void> {
  try {
    await deletion();
  } catch (error) {
    if (codeOf(error) !== 'message-not-found') throw error;
  }
}
