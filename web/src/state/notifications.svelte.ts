import type { AccountId, ChatId, Message, MessageId, Sotto, SottoEvent } from '@sotto/client';
import { t } from '../language/catalogue';
import type { Language } from '../language/languages';
import type { NotificationBrowser } from '../notifications/browser';
import { UNCHOSEN, type NotificationChoices } from '../notifications/choices';
import type { NotificationContent } from '../notifications/content';
import { Presenter, type State } from '../notifications/presenter';
import { renewSubscription, subscribe, unsubscribe } from '../notifications/subscription';
import type { ToTab, WakeUpAnswer } from '../notifications/tab-port';
import { codeOf, explain } from '../text/problems';
import { Rereading } from './rereading';

/** Notifications of this browser: what was chosen, and what is shown while tabs are open. */
export class Notifications {
  permission = $state<NotificationPermission>('default');
  /** `undefined` until they were read. */
  choices = $state.raw<NotificationChoices>();
  /** Something is under way that was asked for. */
  isBusy = $state(false);
  problem = $state<string>();

  readonly #sotto: Promise<Sotto>;
  readonly #browser: NotificationBrowser;
  readonly #presenter: Presenter;
  readonly #onGo: (path: string) => void;
  /** What has come and was not looked at yet. */
  #arrived: Message[] = [];
  /** What is done with notifications, one after the other. */
  #work: Promise<unknown> = Promise.resolve();
  readonly #tidying = new Rereading(() => this.#tidy());

  /** `onGo`: somebody has clicked on a notification, which leads to this path. */
  constructor(sotto: Promise<Sotto>, browser: NotificationBrowser, onGo: (path: string) => void) {
    this.#sotto = sotto;
    this.#browser = browser;
    this.#presenter = new Presenter(() => browser.registration(), browser.store);
    this.#onGo = onGo;
    this.permission = browser.permission;
  }

  get support(): NotificationBrowser['support'] {
    return this.#browser.support;
  }

  /** Whether something is shown. */
  get isOn(): boolean {
    return this.choices?.isOn === true && this.permission === 'granted';
  }

  /** Listens until the returned function is called. */
  listen(): () => void {
    if (this.support !== 'full') return () => undefined;
    let unsubscribe: (() => void) | undefined;
    let isOver = false;
    this.#sotto
      .then((sotto) => {
        if (isOver) return;
        unsubscribe = sotto.subscribe((event) => this.#receive(event));
        void this.#begin(sotto);
      })
      // The session says why the client could not start.
      .catch(() => undefined);
    const unlisten = this.#browser.listen((event) => this.#hear(event));
    return () => {
      isOver = true;
      unsubscribe?.();
      unlisten();
    };
  }

  /** Reads what was chosen, which another tab may have changed. */
  async read(): Promise<void> {
    this.permission = this.#browser.permission;
    if (this.support !== 'full') return;
    try {
      this.choices = await this.#browser.store.choices();
    } catch (error) {
      this.choices ??= UNCHOSEN;
      this.problem = explain(error);
    }
  }

  /** Asks the browser for leave, and has it wake this device. */
  turnOn(): Promise<void> {
    return this.#busy(async () => {
      this.permission = await this.#browser.askPermission();
      if (this.permission !== 'granted') return;
      await this.#choose({ isOn: true });
      await this.#subscribe();
    });
  }

  turnOff(): Promise<void> {
    return this.#busy(async () => {
      await this.#choose({ isOn: false });
      await this.#presenter.closeAll();
      await this.#endSubscription();
    });
  }

  choose(choices: Partial<Omit<NotificationChoices, 'isOn'>>): Promise<void> {
    return this.#busy(() => this.#choose(choices));
  }

  showExample(content: NotificationContent): Promise<void> {
    return this.#busy(() => this.#presenter.showExample(content));
  }

  /** What comes while no tab is open is said in this language; `undefined`: the browser's. */
  async speaks(language: Language | undefined): Promise<void> {
    if (this.support !== 'full') return;
    // The browser's language will do.
    await this.#browser.store.keepLanguage(language).catch(() => undefined);
  }

  /** Whoever is logged in here logs out. `erases`: and leaves nothing behind. */
  async end(erases: boolean): Promise<void> {
    if (this.support !== 'full') return;
    try {
      if (this.choices?.isOn) await this.#endSubscription();
      if (erases) await this.#browser.store.erase();
    } catch {
      // Logging out ends it at the server, too, and is not held up.
    }
  }

  /** Somebody looks at this tab, and at this chat if one is open. */
  looksAt(chat: ChatId | undefined): void {
    if (!this.isOn) return;
    this.#do(async () => {
      await this.#presenter.closePlain();
      if (chat !== undefined) await this.#presenter.closeChat(chat);
    });
  }

  async #begin(sotto: Sotto): Promise<void> {
    await this.read();
    if (!this.isOn) return;
    void this.#tidying.run();
    try {
      if (await sotto.account()) await renewSubscription(await this.#browser.registration(), sotto);
    } catch {
      // Tried again the next time that the app is opened.
    }
  }

  #receive(event: SottoEvent): void {
    switch (event.kind) {
      case 'message':
        this.#arrives(event.message);
        return;
      case 'message-removed':
        this.#withdraw(event.chat, event.message);
        return;
      case 'chat':
      case 'reset':
        void this.#tidying.run();
        return;
      case 'account':
        if (event.account) {
          this.#do(async () => {
            if (this.isOn) await this.#subscribe();
          });
        } else {
          this.#do(() => this.#forget());
        }
        return;
      case 'blocked':
      case 'connection':
      case 'devices':
      case 'device-added':
      case 'draft':
      case 'identity-changed':
      case 'intent-failed':
      case 'join-requests':
      case 'notices':
      case 'presence':
      case 'privacy':
      case 'receipts':
      case 'archive':
      case 'history':
      case 'starred':
      case 'store-failed':
      case 'transfer':
      case 'typing':
        return;
    }
  }

  #arrives(message: Message): void {
    if (message.own) return;
    if (message.body.kind === 'deleted') {
      this.#withdraw(message.chat, message.id);
      return;
    }
    this.#arrived.push(message);
    // Many may come in one breath: they are looked at together.
    if (this.#arrived.length === 1) this.#do(() => this.#show());
  }

  async #show(): Promise<void> {
    const arrived = this.#arrived;
    this.#arrived = [];
    const { isOn } = await this.#browser.store.choices();
    if (!isOn || this.#browser.permission !== 'granted') return;
    const state = await this.#state();
    if (!state) return;
    await this.#presenter.show(arrived, state, await this.#browser.isSomebodyThere());
    for (const message of arrived) if (message.editions) await this.#presenter.revise(message, state);
  }

  #withdraw(chat: ChatId, message: MessageId): void {
    this.#arrived = this.#arrived.filter(({ id }) => id !== message);
    if (this.isOn) this.#do(() => this.#presenter.withdraw(chat, message));
  }

  async #tidy(): Promise<void> {
    if (!this.isOn) return;
    try {
      await this.#presenter.tidy(async () => (await this.#state()) ?? { own: undefined, chats: [], now: Date.now() });
    } catch (error) {
      if (codeOf(error) !== 'unauthenticated') console.warn('notifications could not be looked through');
    }
  }

  /** `undefined` if nobody is logged in. */
  async #state(): Promise<State | undefined> {
    const sotto = await this.#sotto;
    const own: AccountId | undefined = (await sotto.account())?.account;
    return own === undefined ? undefined : { own, chats: await sotto.chats(), now: Date.now() };
  }

  /** Nobody is logged in any more: nothing of theirs stays on the screen, and nobody wakes this browser. */
  async #forget(): Promise<void> {
    this.#arrived = [];
    await this.#presenter.closeAll();
    await this.#browser.store.forgetClaims();
    await unsubscribe(await this.#browser.registration());
    await this.read();
  }

  #hear({ data, ports: [port] }: MessageEvent<ToTab | undefined>): void {
    switch (data?.kind) {
      case 'wake-up':
        if (port) void this.#catchUp(port);
        return;
      case 'go':
        this.#onGo(data.path);
        return;
      case 'renew':
        this.#do(async () => {
          if (this.isOn) await this.#subscribe();
        });
        return;
    }
  }

  /** Something has come, and a tab runs the client: it is to be fetched if that has not happened yet. */
  async #catchUp(port: MessagePort): Promise<void> {
    const say = (answer: WakeUpAnswer) => port.postMessage(answer);
    let isComplete = true;
    try {
      const sotto = await this.#sotto;
      // Answered by the tab that runs the client, which may be another one, and asleep.
      const account = await sotto.account();
      say({ kind: 'awake' });
      if (account) await sotto.catchUp();
      // What it has brought was told before it was over.
      await this.#work;
    } catch {
      isComplete = false;
    }
    say({ kind: 'done', isComplete });
    port.close();
  }

  async #choose(choices: Partial<NotificationChoices>): Promise<void> {
    const next = { ...UNCHOSEN, ...(await this.#browser.store.choices()), ...choices };
    await this.#browser.store.choose(next);
    this.choices = next;
  }

  async #subscribe(): Promise<void> {
    try {
      await subscribe(await this.#browser.registration(), await this.#sotto);
    } catch (error) {
      // The push service is none that can be had here: what is shown while tabs are open remains.
      const notWoken = t('state.notWoken');
      this.problem = error instanceof DOMException ? notWoken : `${explain(error)} ${notWoken}`;
    }
  }

  async #endSubscription(): Promise<void> {
    const sotto = await this.#sotto;
    // The server hears of it from the push service, too.
    await sotto.removeWakeUpAddress().catch(() => undefined);
    await unsubscribe(await this.#browser.registration());
  }

  async #busy(work: () => Promise<void>): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    this.problem = undefined;
    try {
      await work();
    } catch (error) {
      this.problem = explain(error);
    } finally {
      this.isBusy = false;
    }
  }

  /** A notification that could not be shown or taken away is no reason to disturb anybody. */
  #do(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch(() => undefined);
  }
}
