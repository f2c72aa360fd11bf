import type { FileLimits, NewFile, Sotto } from '@sotto/client';
import { prepare, type Prepared } from '../files/prepare';
import { t } from '../language/catalogue';
import { CAPTION_BYTES, shownName, sizeWords } from '../text/file';
import { byteLength } from '../text/message';

/** A file that was chosen, until it is sent. */
export class Attached {
  caption = $state('');
  prepared = $state.raw<Prepared>();
  /** Why it cannot be sent. */
  problem = $state<string>();

  readonly captionIsTooLong: boolean = $derived(byteLength(this.caption) > CAPTION_BYTES);

  constructor(
    readonly id: number,
    readonly source: File,
  ) {}

  get name(): string {
    return this.prepared?.file.name ?? shownName(this.source.name);
  }

  /** As it is sent: a picture that was drawn anew has another size. */
  get size(): number {
    return this.prepared?.file.content.size ?? this.source.size;
  }
}

/** So many are sent at once, at most: each is looked at, and a message of its own. */
const MANY = 30;

/** The files that somebody is about to send. */
export class Attachments {
  list = $state.raw<readonly Attached[]>([]);
  /** What is wrong with what was chosen as a whole. */
  problem = $state<string>();
  sending = $state(false);

  readonly #sotto: Promise<Sotto>;
  readonly #prepare: (source: File) => Promise<Prepared>;
  #limits = $state.raw<FileLimits>();
  #ids = 0;

  /** Every file was looked at, and none but those with a problem stays behind. */
  readonly ready: boolean = $derived(
    this.list.every(({ prepared, problem }) => prepared || problem) &&
      this.list.some(({ problem }) => !problem) &&
      !this.list.some((attached) => attached.captionIsTooLong),
  );

  readonly #overQuota: boolean = $derived.by(() => {
    if (!this.#limits) return false;
    const bytes = this.list.reduce((sum, attached) => sum + (attached.problem ? 0 : attached.size), 0);
    return this.#limits.usedBytes + bytes > this.#limits.quotaBytes;
  });

  constructor(sotto: Promise<Sotto>, prepareFile = prepare) {
    this.#sotto = sotto;
    this.#prepare = prepareFile;
  }

  /** Why nothing of this can be sent, if all of it together is too much. */
  get quotaProblem(): string | undefined {
    if (!this.#limits || !this.#overQuota) return undefined;
    const left = Math.max(0, this.#limits.quotaBytes - this.#limits.usedBytes);
    return t('files.quota', { most: sizeWords(this.#limits.quotaBytes), left: sizeWords(left) });
  }

  /** Looks at files that were chosen, dropped or pasted. */
  async add(files: readonly File[]): Promise<void> {
    this.problem = undefined;
    const room = MANY - this.list.length;
    if (files.length > room) this.problem = t('files.tooMany', { count: MANY });
    const added = files.slice(0, Math.max(0, room)).map((file) => new Attached((this.#ids += 1), file));
    this.list = [...this.list, ...added];
    this.#limits ??= await this.#readLimits();
    for (const attached of added) if (this.list.includes(attached)) await this.#look(attached);
  }

  remove(attached: Attached): void {
    this.list = this.list.filter((other) => other !== attached);
    this.problem = undefined;
  }

  clear(): void {
    this.list = [];
    this.problem = undefined;
    // What is used may be more the next time.
    this.#limits = undefined;
  }

  /** Sends one message for each file, in order, until one is not taken. Returns whether all were. */
  async send(one: (file: NewFile) => Promise<boolean>): Promise<boolean> {
    if (!this.ready || this.#overQuota || this.sending) return false;
    this.sending = true;
    try {
      for (const attached of this.list) {
        // It may have been taken out meanwhile.
        if (!attached.prepared || attached.problem || !this.list.includes(attached)) continue;
        const caption = attached.caption.trim();
        if (!(await one({ ...attached.prepared.file, ...(caption && { caption }) }))) return false;
        this.list = this.list.filter((other) => other !== attached);
      }
      this.clear();
      return true;
    } finally {
      this.sending = false;
    }
  }

  async #readLimits(): Promise<FileLimits | undefined> {
    try {
      return await (await this.#sotto).fileLimits();
    } catch {
      // The server says it itself when something is too large.
      return undefined;
    }
  }

  async #look(attached: Attached): Promise<void> {
    if (attached.source.size === 0) {
      attached.problem = t('files.empty');
      return;
    }
    try {
      const prepared = await this.#prepare(attached.source);
      attached.problem = this.#tooLarge(prepared.file.content.size);
      attached.prepared = prepared;
    } catch {
      attached.problem = t('files.unreadable');
    }
  }

  #tooLarge(size: number): string | undefined {
    const most = this.#limits?.fileBytes;
    if (most === undefined || size <= most) return undefined;
    return t('files.tooLarge', { size: sizeWords(size), most: sizeWords(most) });
  }
}
