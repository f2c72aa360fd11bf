import type { AccountId, ChatId, ChatSummary, Message, MessageId } from '@sotto/client';
import { current } from '../language/catalogue';
import { contentOf, isWanted, plain, type NotificationContent } from './content';
import type { NotificationStore } from './store';
import { inTurn } from './turn';

/** What is kept with a notification: ids, whatever it says. */
export interface ShownData {
  readonly chat: ChatId;
  readonly message: MessageId;
  /** Whoever has read that far has read it. */
  readonly position: number;
  readonly expiresAt?: number;
}

/** What of a registration is needed to show something. */
export type Screen = Pick<ServiceWorkerRegistration, 'showNotification' | 'getNotifications'>;

/** What the account is like at the moment. */
export interface State {
  readonly own: AccountId | undefined;
  readonly chats: readonly ChatSummary[];
  readonly now: number;
}

/** Not every browser knows all of these, and their types none. */
interface Options extends NotificationOptions {
  readonly renotify?: boolean;
  readonly timestamp?: number;
}

const PLAIN_TAG = 'sotto';
const EXAMPLE_TAG = 'sotto.example';
const tagOf = (chat: ChatId): string => `sotto.chat.${chat}`;

/** Shows notifications, one a chat, and takes them away: the same in tabs and in the service worker. */
export class Presenter {
  readonly #screen: () => Promise<Screen>;
  readonly #store: NotificationStore;

  constructor(screen: () => Promise<Screen>, store: NotificationStore) {
    this.#screen = screen;
    this.#store = store;
  }

  /**
   * Shows what is wanted of these messages and was not shown before, by whomever. `isSeen`: somebody looks at the app, so that nothing is
   * to be shown, now or later. Returns how many notifications are new.
   */
  show(messages: readonly Message[], state: State, isSeen: boolean): Promise<number> {
    return inTurn(() => this.#show(messages, state, isSeen));
  }

  async #show(messages: readonly Message[], state: State, isSeen: boolean): Promise<number> {
    const choices = await this.#store.choices();
    if (!choices.isOn) return 0;
    const { chats, own, now } = state;
    let shown = 0;
    for (const summary of chats) {
      const latest = messages
        .filter((message) => message.chat === summary.chat && isWanted(message, summary, choices, now))
        .reduce<Message | undefined>(
          (latest, message) => (latest && isAfter(latest, message) ? latest : message),
          undefined,
        );
      if (!latest || !(await this.#store.claim(latest)) || isSeen) continue;
      await this.#put(latest, contentOf(latest, summary, choices, own, now), { renotify: true, silent: false });
      shown += 1;
    }
    if (shown > 0) await this.#close(PLAIN_TAG);
    return shown;
  }

  /** A message says something else now: so does its notification. */
  revise(message: Message, state: State): Promise<void> {
    return inTurn(() => this.#revise(message, state));
  }

  async #revise(message: Message, { chats, own, now }: State): Promise<void> {
    const summary = chats.find(({ chat }) => chat === message.chat);
    const choices = await this.#store.choices();
    for (const shown of await this.#shown(message.chat)) {
      if (dataOf(shown)?.message !== message.id) continue;
      if (!summary || !isWanted(message, summary, choices, now)) shown.close();
      else await this.#put(message, contentOf(message, summary, choices, own, now), { renotify: false, silent: true });
    }
  }

  /** A message is not to be shown any longer. */
  withdraw(chat: ChatId, message: MessageId): Promise<void> {
    return inTurn(async () => {
      for (const shown of await this.#shown(chat)) if (dataOf(shown)?.message === message) shown.close();
    });
  }

  /** Takes away what was read, here or elsewhere, what is over, and what is of chats that are gone. */
  tidy(state: () => Promise<State>): Promise<void> {
    return inTurn(() => this.#tidy(state));
  }

  async #tidy(state: () => Promise<State>): Promise<void> {
    const shown = (await this.#all()).flatMap((notification) => {
      const data = dataOf(notification);
      return data ? [{ notification, data }] : [];
    });
    if (shown.length === 0) return;
    const { chats, now } = await state();
    for (const { notification, data } of shown) {
      const summary = chats.find(({ chat }) => chat === data.chat);
      const isOver = data.expiresAt !== undefined && data.expiresAt <= now;
      if (!summary || isOver || data.position <= summary.readTo) notification.close();
    }
  }

  /** Somebody looks at a chat. */
  closeChat(chat: ChatId): Promise<void> {
    return inTurn(() => this.#close(tagOf(chat)));
  }

  /** There is something, and that is all that is known. */
  showPlain(): Promise<void> {
    return inTurn(async () => {
      const content = plain();
      await (await this.#screen()).showNotification(content.title, options(content, { tag: PLAIN_TAG }));
    });
  }

  /** Somebody has looked: they know as much as the plain one says. */
  closePlain(): Promise<void> {
    return inTurn(() => this.#close(PLAIN_TAG));
  }

  showExample(content: NotificationContent): Promise<void> {
    return inTurn(async () =>
      (await this.#screen()).showNotification(content.title, options(content, { tag: EXAMPLE_TAG })),
    );
  }

  closeAll(): Promise<void> {
    return inTurn(async () => {
      for (const shown of await this.#all()) shown.close();
    });
  }

  async #put(message: Message, content: NotificationContent, more: Options): Promise<void> {
    const { chat, id, expiresAt, at, retention } = message;
    // A fleeting one has the position of the one that it came after, which may have been read before.
    const position = retention.kind === 'never' ? message.position + 0.5 : message.position;
    const data: ShownData = { chat, message: id, position, ...(expiresAt !== undefined && { expiresAt }) };
    const screen = await this.#screen();
    await screen.showNotification(content.title, options(content, { ...more, tag: tagOf(chat), timestamp: at, data }));
  }

  async #close(tag: string): Promise<void> {
    for (const shown of await (await this.#screen()).getNotifications({ tag })) shown.close();
  }

  async #shown(chat: ChatId): Promise<Notification[]> {
    return (await this.#screen()).getNotifications({ tag: tagOf(chat) });
  }

  async #all(): Promise<Notification[]> {
    return (await this.#screen()).getNotifications();
  }
}

/** The page that a notification leads to. */
export function pathOf(notification: Notification): string {
  const data = dataOf(notification);
  if (data) return `/open/${encodeURIComponent(data.chat)}?message=${encodeURIComponent(data.message)}`;
  return notification.tag === EXAMPLE_TAG ? '/settings/notifications' : '/';
}

function dataOf({ data }: Notification): ShownData | undefined {
  return typeof data === 'object' && data !== null && 'chat' in data ? (data as ShownData) : undefined;
}

function options({ body }: NotificationContent, more: Options): Options {
  return { body, icon: '/icon-192.png', badge: '/badge-96.png', dir: 'auto', lang: current().language, ...more };
}

function isAfter(one: Message, other: Message): boolean {
  return one.position > other.position || (one.position === other.position && one.at > other.at);
}
