import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { ChatId, Message, MessageId, NewFile, SendOptions, Sotto, SottoEvent, Transfer } from '@sotto/client';
import { filePath } from '../files/file-path';
import { FileServer, serveFiles } from '../files/file-server';
import { shownName } from '../text/file';
import { OPAQUE, READ_BYTES } from '../text/media';
import { codeOf } from '../text/problems';
import { Addresses, type Held } from './addresses';

/** The files of messages: how far they are on their way, and how they are shown and saved. */
export class Files {
  /** Whether the service worker answers for this page: what is large can be played and saved. */
  streams = $state(false);

  readonly #sotto: Promise<Sotto>;
  readonly #transfers = new SvelteMap<MessageId, Transfer>();
  /** Why a file could not be read. */
  readonly #problems = new SvelteMap<MessageId, unknown>();
  /** What this tab has sent and the server does not have yet: if the tab that uploads it goes, another takes it from here. */
  readonly #sending = new SvelteMap<MessageId, Blob>();
  /** Uploads that are over: that can be told before the call that began them answers. */
  readonly #finished = new Set<MessageId>();
  /** Downloads that somebody has stopped. */
  readonly #stopped = new Set<MessageId>();
  readonly #addresses = new Addresses((message) => this.#read(message));
  readonly #server: FileServer;

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
    this.#server = new FileServer(sotto, (message, error) => this.#problems.set(message, error));
  }

  async open(): Promise<void> {
    (await this.#sotto).subscribe((event) => this.#receive(event));
  }

  /** Lets the service worker come until the returned function is called. */
  serve(): () => void {
    return serveFiles(this.#server, (isReady) => (this.streams = isReady));
  }

  /** How far a message's file is, if it is on its way. */
  transferOf({ id }: Message): Transfer | undefined {
    return this.#transfers.get(id);
  }

  /** Why a message's file could not be read, if it could not. */
  problemOf({ id }: Message): unknown {
    return this.#problems.get(id);
  }

  /** Finds out how far a file is that was on its way before anybody looked. */
  async look({ chat, id }: Message): Promise<void> {
    try {
      const transfer = await (await this.#sotto).transfer(chat, id);
      // What was told meanwhile is newer.
      if (transfer && !this.#transfers.has(id)) this.#note(transfer);
    } catch {
      // The next event says it.
    }
  }

  async send(sotto: Sotto, chat: ChatId, file: NewFile, options: SendOptions): Promise<void> {
    const id = await sotto.sendFile(chat, file, options);
    if (!this.#finished.has(id)) this.#sending.set(id, file.content);
  }

  /** Stops a transfer, and takes the message back if it is an upload. Throws what goes wrong. */
  async cancel({ chat, id }: Message): Promise<void> {
    this.#stopped.add(id);
    try {
      await (await this.#sotto).cancelTransfer(chat, id);
    } catch (error) {
      if (codeOf(error) !== 'message-not-found') throw error;
    }
    this.#sending.delete(id);
    this.#transfers.delete(id);
    this.#problems.delete(id);
  }

  /** Whether this tab has the file of an upload still. */
  has({ id }: Message): boolean {
    return this.#sending.has(id);
  }

  /** Goes on with an upload; `content` if the file had to be chosen again. Throws what goes wrong. */
  async resume({ chat, id }: Message, content = this.#sending.get(id)): Promise<void> {
    if (!content) return;
    await (await this.#sotto).resumeFile(chat, id, content);
    this.#sending.set(id, content);
  }

  /** Reads a file into memory, to show it: at most `READ_BYTES`. */
  hold(message: Message): Held {
    // Whoever shows it does not do so anew whenever the file is further on its way.
    return untrack(() => {
      this.#beginAnew(message.id);
      return this.#addresses.hold(message);
    });
  }

  /** The address at which the service worker answers with a file. */
  streamOf({ chat, id, body }: Message): string {
    return filePath({ chat, message: id }, body.kind === 'file' ? shownName(body.file.name) : 'file');
  }

  /** Saves a file to the disk. What goes wrong stands in `problemOf`. */
  async save(message: Message): Promise<void> {
    const { body, id } = message;
    if (body.kind !== 'file') return;
    this.#beginAnew(id);
    if (this.streams) {
      location.assign(`${this.streamOf(message)}?download`);
      return;
    }
    try {
      if (body.file.size > READ_BYTES) throw { code: 'cannot-stream', message: 'no service worker' };
      const blob = await (await this.#sotto).readFile(message.chat, id);
      const address = URL.createObjectURL(blob.slice(0, blob.size, OPAQUE));
      const link = document.createElement('a');
      link.href = address;
      link.download = shownName(body.file.name);
      link.click();
      // Once the browser has begun to read it.
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    } catch (error) {
      this.#problems.set(id, error);
    }
  }

  /** What stood against an earlier attempt to read a file is over. */
  #beginAnew(message: MessageId): void {
    this.#problems.delete(message);
    this.#stopped.delete(message);
    const { direction, state } = this.#transfers.get(message) ?? {};
    if (direction === 'down' && state === 'failed') this.#transfers.delete(message);
  }

  async #read({ chat, id }: Message): Promise<Blob> {
    // What is being sent is here.
    const own = this.#sending.get(id);
    if (own) return own;
    try {
      return await (await this.#sotto).readFile(chat, id);
    } catch (error) {
      // Whoever has stopped it knows.
      if (!this.#stopped.has(id)) this.#problems.set(id, error);
      throw error;
    }
  }

  #receive(event: SottoEvent): void {
    switch (event.kind) {
      case 'transfer':
        this.#note(event.transfer);
        return;
      case 'message':
        if (event.message.body.kind === 'deleted') this.#forget(event.message.id);
        return;
      case 'message-removed':
        this.#forget(event.message);
        return;
      case 'account':
        this.#transfers.clear();
        this.#problems.clear();
        this.#sending.clear();
        this.#finished.clear();
        this.#stopped.clear();
        this.#addresses.forgetAll();
        return;
      case 'reset':
        // Whoever shows one asks again.
        this.#transfers.clear();
        return;
      case 'blocked':
      case 'chat':
      case 'connection':
      case 'devices':
      case 'device-added':
      case 'identity-changed':
      case 'intent-failed':
      case 'join-requests':
      case 'notices':
      case 'presence':
      case 'privacy':
      case 'receipts':
      case 'store-failed':
      case 'typing':
        return;
    }
  }

  #note(transfer: Transfer): void {
    const { chat, message, direction, state } = transfer;
    if (state === 'done') {
      this.#transfers.delete(message);
      if (direction === 'up') {
        this.#finished.add(message);
        this.#sending.delete(message);
      }
      return;
    }
    this.#transfers.set(message, transfer);
    // The tab that uploaded it was closed; this one has it still.
    const content = state === 'needs-file' ? this.#sending.get(message) : undefined;
    if (content) this.#resume(chat, message, content).catch(() => this.#sending.delete(message));
  }

  async #resume(chat: ChatId, message: MessageId, content: Blob): Promise<void> {
    await (await this.#sotto).resumeFile(chat, message, content);
  }

  #forget(message: MessageId): void {
    this.#transfers.delete(message);
    this.#problems.delete(message);
    this.#sending.delete(message);
    this.#addresses.forget(message);
  }
}
