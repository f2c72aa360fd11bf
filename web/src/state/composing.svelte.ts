import type { Message } from '@sotto/client';
import type { ChatDraft } from './chat-draft.svelte';

/** What the message field is for at the moment: something new, an answer, or another text of what was said. */
export class Composing {
  /** The message that is answered. */
  answered = $state.raw<Message>();
  /** The message that is edited. */
  edited = $state.raw<Message>();

  /** What is in the field while a message is edited: the draft waits meanwhile. */
  #edition = $state('');
  readonly #draft: Pick<ChatDraft, 'text' | 'touch'>;

  constructor(draft: Pick<ChatDraft, 'text' | 'touch'>) {
    this.#draft = draft;
  }

  get text(): string {
    return this.edited ? this.#edition : this.#draft.text;
  }

  set text(text: string) {
    if (this.edited) this.#edition = text;
    else this.#draft.text = text;
  }

  answer(message: Message): void {
    this.edited = undefined;
    this.answered = message;
    this.#draft.touch();
  }

  edit(message: Message): void {
    if (message.body.kind !== 'text') return;
    this.answered = undefined;
    this.edited = message;
    this.#edition = message.body.text;
  }

  /** Back to something new: it was cancelled, or sent. */
  end(): void {
    if (this.answered) this.#draft.touch();
    this.answered = undefined;
    this.edited = undefined;
    this.#edition = '';
  }
}
