import { createContext } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { ChatId, Sotto, SottoErrorShape } from '@sotto/client';
import { t } from '../language/catalogue';
import { thisBrowser, type NotificationBrowser } from '../notifications/browser';
import { Router } from '../router.svelte';
import { banWords } from '../text/ban';
import { untitled } from '../text/group';
import { explain } from '../text/problems';
import { Archive } from './archive.svelte';
import { Chats } from './chats.svelte';
import { Faces } from './faces.svelte';
import { Files } from './files.svelte';
import { Notices } from './notices.svelte';
import { Notifications } from './notifications.svelte';
import { Oidc } from './oidc.svelte';
import { OwnHistory } from './own-history.svelte';
import { Permissions } from './permissions.svelte';
import { Pictures } from './pictures';
import { Registration } from './registration.svelte';
import { Session } from './session.svelte';
import { Site } from './site.svelte';
import { Typing } from './typing.svelte';

/** What the pages share. */
export class App {
  readonly router = new Router();
  readonly session: Session;
  readonly site: Site;
  readonly registration: Registration;
  readonly oidc: Oidc;
  readonly chats: Chats;
  readonly permissions: Permissions;
  readonly archive: Archive;
  readonly pictures: Pictures;
  readonly faces: Faces;
  readonly files: Files;
  readonly typing: Typing;
  readonly notices: Notices;
  readonly notifications: Notifications;
  readonly ownHistory: OwnHistory;
  /** What a screen reader says next. */
  announcement = $state('');
  /** What went wrong although no page waits for it, in plain words. */
  notice = $state<string>();
  /** A device has logged in to this account that nobody has looked at. */
  newDevice = $state(false);
  /** What the landing page says to somebody who has just logged out there, or deleted the account. */
  farewell = $state<string>();
  /** The page that asked for a login, to be opened after it. */
  returnTo = '/';
  /** The code of the invite link that this tab was opened with, until it is used. */
  invitation: string | undefined;

  readonly #drafts = new SvelteMap<string, string>();

  constructor(
    readonly sotto: Promise<Sotto>,
    browser: NotificationBrowser = thisBrowser(),
  ) {
    this.session = new Session(sotto);
    this.site = new Site(sotto);
    this.registration = new Registration(this.site);
    this.oidc = new Oidc(sotto);
    this.chats = new Chats(sotto);
    this.permissions = new Permissions(sotto);
    this.archive = new Archive(sotto);
    this.pictures = new Pictures(sotto);
    this.faces = new Faces(sotto);
    this.files = new Files(sotto);
    this.typing = new Typing(sotto);
    this.notices = new Notices(sotto);
    this.notifications = new Notifications(sotto, browser, (path) => this.router.go(path));
    this.ownHistory = new OwnHistory(sotto);
  }

  /** Opens the client; what fails is shown, not thrown. */
  open(): void {
    void this.session.open();
    // The session says why the client could not start.
    this.chats.open().catch(() => undefined);
    this.archive.open().catch(() => undefined);
    this.typing.open().catch(() => undefined);
    this.files.open().catch(() => undefined);
    this.notices.open().catch(() => undefined);
    this.ownHistory.open().catch(() => undefined);
    this.#listen().catch(() => undefined);
  }

  async #listen(): Promise<void> {
    const sotto = await this.sotto;
    let banned: string | undefined;
    sotto.subscribe((event) => {
      if (event.kind === 'intent-failed') this.notice = this.#ofGroup(event.chat, event.error);
      else if (event.kind === 'device-added' && !event.isExpected) this.newDevice = true;
      else if (event.kind === 'connection' && event.state === 'online') this.faces.resume();
      else if (event.kind === 'banned') banned = banWords(event.ban);
      else if (event.kind === 'account') {
        // Whoever was logged out by that sees why.
        this.notice = event.account ? undefined : banned;
        banned = undefined;
        this.newDevice = false;
        this.pictures.forget();
        this.faces.forget();
        if (event.account) this.faces.resume();
      }
    });
    // One that came while nobody looked is told until somebody has.
    if (await sotto.hasNewDevices()) this.newDevice = true;
  }

  #ofGroup(group: ChatId, error: SottoErrorShape): string {
    const kind = this.chats.withId(group)?.kind;
    const title = (kind?.kind === 'group' && kind.title) || untitled();
    return t('state.intentFailed', { title, reason: explain(error) });
  }

  /** What was typed into a chat that has not begun: gone with the tab. A chat is known by the path of its page. */
  draft(chat: string): string {
    return this.#drafts.get(chat) ?? '';
  }

  setDraft(chat: string, text: string): void {
    if (text) this.#drafts.set(chat, text);
    else this.#drafts.delete(chat);
  }

  /** To the landing page: this account was logged out, or deleted, by whoever is here. */
  leave(farewell?: string): void {
    this.#drafts.clear();
    this.oidc.forget().catch(() => undefined);
    // A page inside that was open meanwhile is not where the next one who logs in wants to go.
    this.returnTo = '/';
    this.farewell = farewell;
    if (farewell !== undefined) this.announcement = farewell;
    this.router.go('/');
  }
}

export const [useApp, provideApp] = createContext<App>();
