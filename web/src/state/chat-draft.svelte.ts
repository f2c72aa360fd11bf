import type { ChatId, Draft, Mention, Message, Sotto, SottoEvent } from '@sotto/client';

/** How long one has to pause before what was typed is stored, in milliseconds. */
const PAUSE = 700;
/** Whoever has typed within this time still types: nothing is put into their hands, in milliseconds. */
const TYPING = 4000;
const NONE = '';

/** What a draft has to know of the page that it is on. */
export interface DraftPlace {
  /** What was typed while the chat had not begun: nothing else keeps it, and it is gone with the tab. */
  readonly remembered: string;
  remember(text: string): void;
  /** Whom a text names. */
  mentions(text: string): Mention[];
  /** The message that is answered. */
  answered(): Message | undefined;
  /** Shows a draft that was stored. */
  show(draft: Draft, answered: Message | undefined): void;
}

/** What was begun to be written in a chat: stored as one types, and taken over from the account's other devices. */
export class ChatDraft {
  #text = $state('');
  readonly #sotto: Promise<Sotto>;
  readonly #place: DraftPlace;
  #chat: ChatId | undefined;
  #unsubscribe: (() => void) | undefined;
  #closed = false;
  /** What is to be sent is fleeting: it is stored nowhere, begun or not. */
  #isFleeting = false;
  #isSending = false;
  /** What is stored, as far as this page knows. */
  #stored = NONE;
  /** There are changes that are not stored. */
  #isDirty = false;
  #typedAt = Number.NEGATIVE_INFINITY;
  #saving: Promise<void> = Promise.resolve();
  #pause: ReturnType<typeof setTimeout> | undefined;
  #news: ReturnType<typeof setTimeout> | undefined;

  constructor(sotto: Promise<Sotto>, place: DraftPlace) {
    this.#sotto = sotto;
    this.#place = place;
    this.#text = place.remembered;
  }

  get text(): string {
    return this.#text;
  }

  set text(text: string) {
    this.#text = text;
    if (!this.#chat && !this.#isFleeting) this.#place.remember(text);
    this.touch();
  }

  /** Something about it was changed here. */
  touch(): void {
    this.#isDirty = true;
    this.#typedAt = Date.now();
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => void this.#save(), PAUSE);
  }

  /** The chat has begun. */
  async open(chat: ChatId): Promise<void> {
    if (this.#chat === chat) return;
    this.#chat = chat;
    if (this.#place.remembered !== '') {
      this.touch();
      this.#place.remember('');
    }
    const sotto = await this.#sotto;
    if (this.#closed) return;
    this.#unsubscribe = sotto.subscribe((event) => this.#receive(event));
    if (this.#isFleeting) await this.#takeAway();
    else await this.#read();
  }

  /** Stores what is not stored yet. */
  flush(): void {
    if (this.#isDirty) void this.#save();
  }

  close(): void {
    this.flush();
    this.#closed = true;
    this.#unsubscribe?.();
    clearTimeout(this.#pause);
    clearTimeout(this.#news);
  }

  /** Whether what is written now is to be fleeting. */
  setFleeting(isFleeting: boolean): void {
    if (isFleeting === this.#isFleeting) return;
    this.#isFleeting = isFleeting;
    if (!this.#chat) this.#place.remember(isFleeting ? '' : this.#text);
    if (isFleeting) void this.#takeAway();
    else if (this.#text.trim() !== '') this.touch();
  }

  /** Sends: the client takes the draft away then. Returns whether that was done. */
  async sending(work: () => Promise<boolean>): Promise<boolean> {
    this.#isSending = true;
    clearTimeout(this.#pause);
    // Stored after it was sent, it would come back.
    await this.#saving;
    try {
      const taken = await work();
      if (taken) this.#stored = NONE;
      return taken;
    } finally {
      this.#isSending = false;
      this.touch();
    }
  }

  #save(): Promise<void> {
    clearTimeout(this.#pause);
    this.#saving = this.#saving.then(() => this.#store());
    return this.#saving;
  }

  async #store(): Promise<void> {
    const chat = this.#chat;
    if (!chat || this.#isFleeting || this.#isSending) return;
    const draft = this.#current();
    const written = draft ? JSON.stringify(draft) : NONE;
    this.#isDirty = false;
    if (written === this.#stored) return;
    try {
      await (await this.#sotto).setDraft(chat, draft);
      this.#stored = written;
    } catch {
      // It is still in the field; the next key, or leaving, stores it.
      this.#isDirty = true;
    }
  }

  #current(): Draft | undefined {
    const text = this.#text;
    if (text.trim() === '') return undefined;
    const mentions = this.#place.mentions(text);
    const answered = this.#place.answered();
    return { text, ...(mentions.length > 0 && { mentions }), ...(answered && { replyTo: answered.id }) };
  }

  async #takeAway(): Promise<void> {
    const chat = this.#chat;
    clearTimeout(this.#pause);
    this.#isDirty = false;
    this.#saving = this.#saving.then(async () => {
      if (!chat || !this.#isFleeting) return;
      try {
        const sotto = await this.#sotto;
        if (await sotto.draft(chat)) await sotto.setDraft(chat, undefined);
        this.#stored = NONE;
      } catch {
        // The next time that the chat is opened like this takes it away.
      }
    });
    await this.#saving;
  }

  #receive(event: SottoEvent): void {
    if (event.kind === 'reset' || (event.kind === 'draft' && event.chat === this.#chat)) this.#hear();
  }

  /** Another device has changed it: that is taken over when nobody types here any more. */
  #hear(): void {
    clearTimeout(this.#news);
    const left = this.#typedAt + TYPING - Date.now();
    if (left > 0) this.#news = setTimeout(() => this.#hear(), left);
    else void this.#read();
  }

  async #read(): Promise<void> {
    const chat = this.#chat;
    if (!chat || this.#isFleeting) return;
    try {
      const sotto = await this.#sotto;
      const draft = await sotto.draft(chat);
      const answered = draft?.replyTo === undefined ? undefined : await sotto.message(chat, draft.replyTo);
      // What was typed here since counts.
      if (this.#isDirty || this.#closed || this.#isFleeting) return;
      this.#stored = draft ? JSON.stringify(draft) : NONE;
      this.#text = draft?.text ?? '';
      this.#place.show(draft ?? { text: '' }, answered);
    } catch {
      // The field is as it was.
    }
  }
}
