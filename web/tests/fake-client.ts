import type {
  Account,
  AccountId,
  ChatId,
  ChatSummary,
  ConnectionState,
  Message,
  MessageId,
  PeoplePage,
  Person,
  Progress,
  Sotto,
  SottoErrorShape,
  SottoEvent,
} from '@sotto/client';

/** The browser package's interface over plain objects: what the pages are tried against when no server is wanted. */
export class FakeClient implements Sotto {
  me: Account | null = null;
  state: ConnectionState = 'online';
  readonly people = new Map<string, Person>();
  /** The next call of a method that stands here rejects with the error. */
  readonly failures = new Map<keyof Sotto, SottoErrorShape>();
  readonly calls: string[] = [];

  readonly #log = new Map<ChatId, Message[]>();
  readonly #with = new Map<ChatId, string>();
  readonly #read = new Map<ChatId, number>();
  readonly #listeners = new Set<(event: SottoEvent) => void>();
  #ids = 0;

  /** A person who can be found. */
  knows(name: string, more: Partial<Person> = {}): this {
    this.people.set(name, { account: `account-of-${name}`, name, displayName: '', identity: 'known', ...more });
    return this;
  }

  loggedInAs(name: string): this {
    this.me = { account: `account-of-${name}`, name };
    return this;
  }

  /** Puts a message into the chat with `name`, as if it had arrived or been sent. */
  said(name: string, text: string, more: Partial<Message> = {}): Message {
    const chat = this.#chatWith(name);
    const log = this.#logOf(chat);
    const own = more.own ?? false;
    const message: Message = {
      id: this.#id('message'),
      chat,
      position: (log.at(-1)?.position ?? 0) + 1,
      from: own && this.me ? this.me : { account: this.#person(name).account, name },
      own,
      body: { kind: 'text', text },
      at: Date.now(),
      state: own ? 'accepted' : 'received',
      ...more,
    };
    this.change(message);
    return message;
  }

  /** Adds a message or changes the one with its id, and says so. */
  change(message: Message): void {
    const log = this.#logOf(message.chat).filter(({ id }) => id !== message.id);
    this.#log.set(
      message.chat,
      [...log, message].sort((a, b) => a.position - b.position),
    );
    this.#emit({ kind: 'message', message });
  }

  seen(name: string): this {
    const chat = this.#chatWith(name);
    this.#read.set(chat, this.#logOf(chat).at(-1)?.position ?? 0);
    return this;
  }

  goes(state: ConnectionState): void {
    this.state = state;
    this.#emit({ kind: 'connection', state });
  }

  changesIdentity(name: string): void {
    const person = { ...this.#person(name), identity: 'changed' as const };
    this.people.set(name, person);
    this.#emit({ kind: 'identity-changed', account: person.account });
  }

  async account(): Promise<Account | null> {
    return this.me;
  }

  async connection(): Promise<ConnectionState> {
    return this.state;
  }

  async register(name: string, _password: string, onProgress?: (progress: Progress) => void) {
    await this.#steps('register', onProgress);
    if (this.people.has(name)) throw problem('name-taken');
    this.#enter(name);
    return { recoveryCode: WORDS.join(' ') };
  }

  async logIn(name: string, _password: string, onProgress?: (progress: Progress) => void): Promise<void> {
    await this.#steps('logIn', onProgress);
    this.#enter(name);
  }

  async logOut(): Promise<void> {
    this.#called('logOut');
    this.me = null;
    this.#emit({ kind: 'account', account: null });
  }

  async erase(): Promise<void> {
    this.#called('erase');
    this.me = null;
    this.#log.clear();
    this.#with.clear();
    this.#emit({ kind: 'account', account: null });
  }

  async searchPeople(query: string, after?: string): Promise<PeoplePage> {
    this.#called('searchPeople', query);
    const found = [...this.people.values()].filter(({ name }) => name.includes(query.toLowerCase()));
    const from = after === undefined ? 0 : Number(after);
    const next = from + 20 < found.length ? { next: String(from + 20) } : {};
    return { people: found.slice(from, from + 20), ...next };
  }

  async person(name: string): Promise<Person> {
    this.#called('person', name);
    return this.#person(name);
  }

  async chats(): Promise<ChatSummary[]> {
    this.#called('chats');
    if (!this.me) throw problem('unauthenticated');
    const summaries = [...this.#with].map(([chat, name]) => {
      const log = this.#logOf(chat);
      const last = log.at(-1);
      const read = this.#read.get(chat) ?? 0;
      const unread = log.filter((message) => !message.own && message.position > read).length;
      return { chat, with: this.#person(name), unread, undecryptable: 0, ...(last && { last }) };
    });
    return summaries.sort((a, b) => (b.last?.at ?? 0) - (a.last?.at ?? 0));
  }

  async startChat(name: string): Promise<ChatId> {
    this.#called('startChat', name);
    const chat = this.#chatWith(name);
    this.#emit({ kind: 'chat', chat });
    return chat;
  }

  async messages(chat: ChatId, limit: number, before = Number.POSITIVE_INFINITY): Promise<Message[]> {
    this.#called('messages');
    return this.#logOf(chat)
      .filter(({ position }) => position < before)
      .slice(-limit);
  }

  async send(chat: ChatId, text: string): Promise<MessageId> {
    this.#called('send', text);
    const name = this.#with.get(chat);
    if (name === undefined) throw problem('chat-not-found');
    const queued = this.said(name, text, { own: true, state: 'queued' });
    if (this.state === 'online') queueMicrotask(() => this.change({ ...queued, state: 'accepted' }));
    return queued.id;
  }

  async markRead(chat: ChatId, position: number): Promise<void> {
    this.#called('markRead', String(position));
    this.#read.set(chat, position);
    this.#emit({ kind: 'chat', chat });
  }

  async acceptIdentity(account: AccountId): Promise<void> {
    this.#called('acceptIdentity', account);
    for (const [name, person] of this.people) {
      if (person.account === account) this.people.set(name, { ...person, identity: 'known' });
    }
  }

  async safetyNumber(): Promise<string> {
    this.#called('safetyNumber');
    return '04819 33027 71560 92284 10937 55821 68340 27719 43065 81926 30578 99142';
  }

  subscribe(listener: (event: SottoEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #steps(method: 'register' | 'logIn', onProgress?: (progress: Progress) => void): Promise<void> {
    for (const step of ['password', 'server', 'keys'] as const) {
      onProgress?.(step);
      await Promise.resolve();
    }
    this.#called(method);
    onProgress?.('done');
  }

  #enter(name: string): void {
    this.loggedInAs(name);
    this.#emit({ kind: 'account', account: this.me });
  }

  #called(method: keyof Sotto, argument?: string): void {
    this.calls.push(argument === undefined ? method : `${method} ${argument}`);
    const failure = this.failures.get(method);
    this.failures.delete(method);
    if (failure) throw failure;
  }

  #person(name: string): Person {
    const person = this.people.get(name);
    if (!person) throw problem('user-not-found');
    return person;
  }

  #chatWith(name: string): ChatId {
    this.#person(name);
    for (const [chat, other] of this.#with) if (other === name) return chat;
    const chat = this.#id('chat');
    this.#with.set(chat, name);
    return chat;
  }

  #logOf(chat: ChatId): Message[] {
    return this.#log.get(chat) ?? [];
  }

  #id(kind: string): string {
    this.#ids += 1;
    return `${kind}-${this.#ids}`;
  }

  #emit(event: SottoEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

export function problem(code: string): SottoErrorShape {
  return { code, message: code };
}

/** Twenty-four words of the BIP-39 list, different from each other. */
export const WORDS: readonly string[] =
  'abandon breeze canyon damp eagle fabric galaxy harbor iron jungle kitten lumber marble nephew olive pepper quiet river sail timber uncle velvet winter zebra'.split(
    ' ',
  );
