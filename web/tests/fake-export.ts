import type {
  ChatId,
  ChatKind,
  ChatSummary,
  Exported,
  ExportOptions,
  ExportProgress,
  Imported,
  ImportProgress,
  Message,
} from '@sotto/client';
import { FakeArchive } from './fake-archive';
import { problem } from './fake-calls';

/** The first line of an encrypted export. */
interface Head {
  sotto: 1;
  account: string;
  passphrase: string;
}

/** Messages of one chat: a line of an encrypted export. */
interface Part {
  chat: ChatId;
  kind: ChatKind;
  messages: Message[];
}

/** The last line. */
const END = '"end"';

/** The fake client's history as files. An encrypted one has a line for each part; nothing is encrypted. */
export abstract class FakeExport extends FakeArchive {
  /** How many messages are written or read at a time. */
  batch = 1000;
  /** Whether each step waits until it is let go. */
  holdsExports = false;
  #held: (() => void) | undefined;

  abstract chats(): Promise<ChatSummary[]>;

  /** The chat of this kind, which is made if it is not here. */
  protected abstract chatOfKind(chat: ChatId, kind: ChatKind): ChatId;

  /** The next step of what was held is done. Resolves when the one after it waits, or it is over. */
  async goesOn(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    held?.();
    // Each step is a few promises long.
    await new Promise((resolve) => setTimeout(resolve));
  }

  async exportHistory(
    options: ExportOptions,
    onProgress?: (progress: ExportProgress) => void,
    signal?: AbortSignal,
  ): Promise<Exported> {
    this.called('exportHistory', JSON.stringify(options));
    const { format, passphrase = '', withFiles = false } = structuredClone(options);
    if (!this.me) throw problem('unauthenticated');
    if (format === 'encrypted' && !isLong(passphrase)) throw problem('passphrase-length');
    const chats = (await this.chats()).map(({ chat, kind }) => ({ chat, kind, messages: this.#kept(chat) }));
    const all = chats.flatMap(({ messages }) => messages);
    const filed = format === 'readable' && withFiles ? all.filter(({ body }) => body.kind === 'file') : [];
    const progress = { messages: 0, totalMessages: all.length, files: 0, totalFiles: filed.length };
    onProgress?.({ ...progress });

    const head: Head = { sotto: 1, account: this.me.account, passphrase };
    const lines: string[] = format === 'encrypted' ? [JSON.stringify(head)] : [];
    for (const { chat, kind, messages } of chats) {
      for (let from = 0; from < messages.length; from += this.batch) {
        await this.#step(signal);
        const part: Part = { chat, kind, messages: messages.slice(from, from + this.batch) };
        lines.push(format === 'encrypted' ? JSON.stringify(part, written) : wordsOf(part));
        progress.messages += part.messages.length;
        onProgress?.({ ...progress });
      }
    }
    const contents: Blob[] = [];
    for (const { id } of filed) {
      await this.#step(signal);
      const content = this.contentOf(id);
      if (content) contents.push(content);
      progress.files += 1;
      onProgress?.({ ...progress });
    }
    if (format === 'encrypted') lines.push(END);

    const { restoration } = await this.archiveStatus();
    const day = new Date().toISOString().slice(0, 10);
    return {
      file: new Blob([lines.join('\n'), ...contents]),
      name: `sotto-${this.me.name}-${day}.${format === 'encrypted' ? 'sotto' : 'zip'}`,
      chats: chats.length,
      messages: all.length,
      files: contents.length,
      missingFiles: filed.length - contents.length,
      isComplete: restoration === undefined,
    };
  }

  async importHistory(
    file: Blob,
    passphrase: string,
    onProgress?: (progress: ImportProgress) => void,
    signal?: AbortSignal,
  ): Promise<Imported> {
    this.called('importHistory', passphrase);
    if (!isLong(passphrase)) throw problem('passphrase-length');
    const [first = '', ...lines] = new TextDecoder().decode(await file.arrayBuffer()).split('\n');
    const head = headOf(first);
    if (!head) throw problem('not-an-export');
    if (head.passphrase !== passphrase) throw problem('wrong-passphrase');
    if (head.account !== this.me?.account) throw problem('another-accounts-export');

    const chats = new Set<ChatId>();
    let [bytes, fresh, known] = [first.length, 0, 0];
    for (const line of lines) {
      onProgress?.({ bytes, totalBytes: file.size });
      await this.#step(signal);
      if (line === END) return { chats: chats.size, messages: fresh, known };
      const part = partOf(line);
      if (!part) break;
      const chat = this.chatOfKind(part.chat, part.kind);
      chats.add(chat);
      for (const message of part.messages) {
        if (this.isUnknown({ ...message, chat })) fresh += 1;
        else known += 1;
        this.#brings({ ...message, chat });
      }
      this.brings(chat);
      this.emit({ kind: 'chat', chat });
      bytes += line.length + 1;
    }
    throw problem('export-damaged');
  }

  /** What a file cannot forget is in none. */
  #kept(chat: ChatId): Message[] {
    return this.logOf(chat).all.filter(({ retention }) => retention.kind === 'keep');
  }

  /** What is here stays as it is. */
  #brings(message: Message): void {
    if (!this.isUnknown(message)) return;
    this.silently(() => {
      this.logOf(message.chat).put(message);
      if (message.isStarred) this.stars(message);
    });
  }

  /** Waits until it may go on. */
  async #step(signal: AbortSignal | undefined): Promise<void> {
    if (this.holdsExports && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        this.#held = resolve;
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    if (signal?.aborted) throw problem('cancelled');
  }
}

const isLong = (passphrase: string) => [...passphrase].length >= 12;

function headOf(line: string): Head | undefined {
  try {
    const head = JSON.parse(line) as Partial<Head>;
    return head.sotto === 1 ? (head as Head) : undefined;
  } catch {
    return undefined;
  }
}

function partOf(line: string): Part | undefined {
  try {
    return JSON.parse(line, read) as Part;
  } catch {
    return undefined;
  }
}

function wordsOf({ messages }: Part): string {
  return messages.map(({ body }) => (body.kind === 'text' ? body.text : body.kind)).join('\n');
}

/** Thumbnails and waveforms are bytes, for which JSON has no word. */
function written(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { bytes: [...value] } : value;
}

function read(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('bytes' in value) || !Array.isArray(value.bytes)) return value;
  return Uint8Array.from(value.bytes as number[]);
}
