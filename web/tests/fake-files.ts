import type { ChatId, FileInfo, FileLimits, Message, MessageId, NewFile, SendOptions, Transfer } from '@sotto/client';
import { problem } from './fake-calls';
import { FakeMessages } from './fake-messages';

/** Files of the fake client's messages. An upload is over when the test says so. */
export abstract class FakeFiles extends FakeMessages {
  limits: FileLimits = { fileBytes: 2_000_000_000, quotaBytes: 10_000_000_000, usedBytes: 0 };
  /** Whether what is sent is with the server at once. */
  uploadsAtOnce = true;
  readonly #contents = new Map<MessageId, Blob>();
  readonly #transfers = new Map<MessageId, Transfer>();
  /** Downloads that wait until they are let go. */
  readonly #held = new Map<MessageId, { resolve: () => void; reject: (error: unknown) => void }>();
  holdsDownloads = false;

  /** Puts a message with a file into a chat, as if it had arrived. */
  filedIn(
    chat: ChatId,
    name: string,
    file: Partial<FileInfo>,
    content: Blob,
    more: Partial<Message> & { caption?: string } = {},
  ): Message {
    const { caption = '', ...rest } = more;
    const info: FileInfo = { name: 'file.bin', mediaType: 'application/octet-stream', size: content.size, ...file };
    const message = this.saidIn(chat, name, '', { body: { kind: 'file', file: info, caption }, ...rest });
    this.#contents.set(message.id, content);
    return message;
  }

  /** A message's file is further on its way. */
  moves(message: Message, more: Partial<Transfer>): void {
    const { id, chat, body } = message;
    const total = body.kind === 'file' ? body.file.size : 0;
    const before = this.#transfers.get(id) ?? { chat, message: id, direction: 'up', done: 0, total, state: 'active' };
    const transfer: Transfer = { ...before, ...more };
    if (transfer.state === 'done') this.#transfers.delete(id);
    else this.#transfers.set(id, transfer);
    this.emit({ kind: 'transfer', transfer });
  }

  /** The server has a message's file, and the message. */
  uploads(message: Message): void {
    this.moves(message, { state: 'done', done: sizeOf(message) });
    // What is fleeting is kept nowhere.
    if (message.retention.kind === 'never') this.change({ ...message, state: 'relayed', reached: 1 });
    else this.change({ ...this.now(message), state: 'accepted' });
  }

  /** A download that was held goes on; with `error` it fails. */
  downloads(message: Message, error?: unknown): void {
    const held = this.#held.get(message.id);
    this.#held.delete(message.id);
    if (error === undefined) held?.resolve();
    else held?.reject(error);
  }

  /** A message's file is not on the server any more. */
  losesFile({ id }: Message): void {
    this.#contents.delete(id);
  }

  /** What a message's file has, if it is still there. */
  protected contentOf(message: MessageId): Blob | undefined {
    return this.#contents.get(message);
  }

  async sendFile(chat: ChatId, file: NewFile, options: SendOptions = {}): Promise<MessageId> {
    const { content, caption = '', ...info } = file;
    this.called('sendFile', `${file.name} ${file.mediaType} ${content.size}`);
    structuredClone({ ...info, options });
    const kept = options.retention ?? this.writable(chat).retention;
    const queued = this.filedIn(chat, this.me?.name ?? '', { ...info, size: content.size }, content, {
      caption,
      own: true,
      state: 'queued',
      retention: kept,
      ...(options.replyTo !== undefined && { replyTo: this.quoted(chat, options.replyTo) }),
    });
    this.moves(queued, { state: 'active' });
    if (this.uploadsAtOnce && this.isOnline) queueMicrotask(() => this.uploads(queued));
    return queued.id;
  }

  async fileLimits(): Promise<FileLimits> {
    this.called('fileLimits');
    return this.limits;
  }

  async transfer(_chat: ChatId, message: MessageId): Promise<Transfer | undefined> {
    this.called('transfer', message);
    return this.#transfers.get(message);
  }

  async cancelTransfer(chat: ChatId, message: MessageId): Promise<void> {
    this.called('cancelTransfer', message);
    const found = await this.message(chat, message);
    if (!found) throw problem('message-not-found');
    const transfer = this.#transfers.get(message);
    this.#transfers.delete(message);
    if (transfer?.direction === 'up') this.vanishes(found);
    this.downloads(found, problem('cancelled'));
  }

  async resumeFile(chat: ChatId, message: MessageId, content: Blob): Promise<void> {
    this.called('resumeFile', `${message} ${content.size}`);
    const found = await this.message(chat, message);
    if (!found) throw problem('message-not-found');
    if (content.size !== sizeOf(found)) throw problem('file-differs');
    this.moves(found, { state: 'active' });
  }

  async readFile(chat: ChatId, message: MessageId): Promise<Blob> {
    this.called('readFile', message);
    const found = await this.message(chat, message);
    const content = this.#contents.get(message);
    if (!found || !content) throw problem('file-gone');
    if (this.holdsDownloads) {
      this.moves(found, { direction: 'down', state: 'active', done: 0 });
      try {
        await new Promise<void>((resolve, reject) => this.#held.set(message, { resolve, reject }));
      } finally {
        this.moves(found, { direction: 'down', state: 'done' });
      }
    }
    return content;
  }

  async readFilePart(_chat: ChatId, message: MessageId, start: number, end: number): Promise<Uint8Array> {
    this.called('readFilePart', `${message} ${start} ${end}`);
    const content = this.#contents.get(message);
    if (!content) throw problem('file-gone');
    return new Uint8Array(await content.slice(start, end).arrayBuffer());
  }
}

function sizeOf({ body }: Message): number {
  return body.kind === 'file' ? body.file.size : 0;
}
