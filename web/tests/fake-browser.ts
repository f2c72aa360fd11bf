import type { NotificationBrowser, Support } from '../src/notifications/browser';
import { UNCHOSEN, type NotificationChoices } from '../src/notifications/choices';
import type { Screen } from '../src/notifications/presenter';
import type { Language } from '../src/language/languages';
import { isLater, type Claim, type NotificationStore } from '../src/notifications/store';

/** What tabs and the service worker have in common, in memory. */
export class FakeStore implements NotificationStore {
  chosen: NotificationChoices = UNCHOSEN;
  spoken: Language | undefined;
  readonly #claims = new Map<string, Claim>();

  async choices(): Promise<NotificationChoices> {
    return this.chosen;
  }

  async choose(choices: NotificationChoices): Promise<void> {
    this.chosen = choices;
  }

  async language(): Promise<Language | undefined> {
    return this.spoken;
  }

  async keepLanguage(language: Language | undefined): Promise<void> {
    this.spoken = language;
  }

  async claim(claim: Claim): Promise<boolean> {
    if (!isLater(claim, this.#claims.get(claim.chat))) return false;
    this.#claims.set(claim.chat, claim);
    return true;
  }

  async forgetClaims(): Promise<void> {
    this.#claims.clear();
  }

  async erase(): Promise<void> {
    this.#claims.clear();
    this.chosen = UNCHOSEN;
  }
}

/** Notifications as a system holds them: one a tag. */
export class FakeScreen implements Screen {
  readonly shown = new Map<string, Notification>();
  /** The titles and bodies of all that were ever shown. */
  readonly history: string[] = [];

  async showNotification(title: string, options: NotificationOptions = {}): Promise<void> {
    const { tag = '', body = '', data = null, silent = null } = options;
    const close = () => void this.shown.delete(tag);
    this.history.push(`${title}: ${body}`);
    this.shown.set(tag, { title, tag, body, data: structuredClone(data), silent, close } as Notification);
  }

  async getNotifications({ tag }: { tag?: string } = {}): Promise<Notification[]> {
    return [...this.shown.values()].filter((notification) => tag === undefined || notification.tag === tag);
  }

  /** What stands there now. */
  get words(): string[] {
    return [...this.shown.values()].map(({ title, body }) => `${title}: ${body}`);
  }
}

/** The browser's side of Web Push. */
export class FakePushManager {
  subscription: PushSubscription | null = null;
  refuses = false;
  #count = 0;

  async getSubscription(): Promise<PushSubscription | null> {
    return this.subscription;
  }

  async subscribe({ applicationServerKey }: PushSubscriptionOptionsInit = {}): Promise<PushSubscription> {
    if (this.refuses) throw new DOMException('push service error', 'AbortError');
    this.#count += 1;
    const key = applicationServerKey as Uint8Array<ArrayBuffer>;
    this.subscription = {
      endpoint: `https://push.example/${this.#count}`,
      expirationTime: null,
      options: { applicationServerKey: key.slice().buffer, userVisibleOnly: true },
      getKey: (name: PushEncryptionKeyName) => new Uint8Array(name === 'auth' ? 16 : 65).buffer,
      unsubscribe: async () => {
        this.subscription = null;
        return true;
      },
      toJSON: () => ({}),
    };
    return this.subscription;
  }
}

/** A browser that shows notifications, and asks its user. */
export class FakeBrowser implements NotificationBrowser {
  support: Support = 'full';
  permission: NotificationPermission = 'default';
  /** What the user answers. */
  answer: NotificationPermission = 'granted';
  isSeen = false;
  readonly store: FakeStore;
  readonly screen: FakeScreen;
  readonly pushManager = new FakePushManager();
  readonly #listeners = new Set<(event: MessageEvent) => void>();

  /** Two tabs have the same store and screen. */
  constructor(store = new FakeStore(), screen = new FakeScreen()) {
    this.store = store;
    this.screen = screen;
  }

  /** Notifications were switched on before. */
  on(choices: Partial<NotificationChoices> = {}): this {
    this.permission = 'granted';
    this.store.chosen = { ...UNCHOSEN, isOn: true, ...choices };
    return this;
  }

  async askPermission(): Promise<NotificationPermission> {
    this.permission = this.answer;
    return this.permission;
  }

  async registration(): Promise<ServiceWorkerRegistration> {
    const { screen, pushManager } = this;
    return Object.assign(Object.create(screen), { pushManager }) as ServiceWorkerRegistration;
  }

  async isSomebodyThere(): Promise<boolean> {
    return this.isSeen;
  }

  listen(receive: (event: MessageEvent) => void): () => void {
    this.#listeners.add(receive);
    return () => this.#listeners.delete(receive);
  }

  /** The service worker says something to this tab. */
  says(data: unknown, port?: MessagePort): void {
    for (const receive of this.#listeners) receive({ data, ports: port ? [port] : [] } as unknown as MessageEvent);
  }
}
