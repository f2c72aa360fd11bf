import type {
  NewsItem,
  NewsPage,
  OwnerProof,
  RegisterOptions,
  ServerInfo,
  SitePage,
  SitePageName,
} from '@sotto/client';
import { FakeAdministration } from './fake-administration';
import { problem } from './fake-calls';

/** How the fake client's account comes into being and ends. */
export abstract class FakeAccount extends FakeAdministration {
  password = 'correct horse';
  /** The words that open the account. */
  recovery: { name: string; words: string } | undefined;
  registration: ServerInfo['registration'] = 'open';
  hasPasskeys = false;
  /** What communities can be about. */
  topics = ['music', 'art'];
  /** What the operator says. */
  readonly operatorsPages = new Map<SitePageName, SitePage>();
  operatorsNews: NewsItem[] = [];
  /** Invite codes that work, once. */
  readonly invites = new Set<string>();

  /** Whom the server takes. */
  takes(registration: ServerInfo['registration'], ...invites: string[]): this {
    this.registration = registration;
    for (const invite of invites) this.invites.add(invite);
    return this;
  }

  async serverInfo(): Promise<ServerInfo> {
    this.called('serverInfo');
    const says = { name: 'Sotto', logo: false, ...this.#hasSaid() };
    return {
      registration: this.registration,
      passkeys: this.hasPasskeys,
      topics: this.topics,
      ...says,
      ...this.extraInfo(),
    };
  }

  /** What else the server says of itself. */
  protected extraInfo(): Partial<ServerInfo> {
    return {};
  }

  async sitePage(name: SitePageName): Promise<SitePage | null> {
    this.called('sitePage', name);
    return this.operatorsPages.get(name) ?? null;
  }

  async news(before?: string): Promise<NewsPage> {
    this.called('news', before);
    const from = before === undefined ? 0 : Number(before);
    const items = this.operatorsNews
      .slice(from, from + 2)
      .map(({ slug, title, date }) => ({ slug, title, date, summary: '' }));
    return from + 2 < this.operatorsNews.length ? { items, next: String(from + 2) } : { items };
  }

  async newsItem(slug: string): Promise<NewsItem | null> {
    this.called('newsItem', slug);
    return this.operatorsNews.find((item) => item.slug === slug) ?? null;
  }

  async logOut(): Promise<void> {
    this.called('logOut');
    this.leave(false);
  }

  async erase(): Promise<void> {
    this.called('erase');
    this.leave(true);
  }

  async logOutEverywhere(): Promise<void> {
    this.called('logOutEverywhere');
    this.leave(false);
  }

  async deleteAccount(password: string): Promise<void> {
    this.called('deleteAccount');
    if (password !== this.password) throw problem('wrong-credentials');
    this.leave(true);
  }

  /** Fails unless it is its owner's. */
  protected prove(proof: OwnerProof): void {
    const isOwner =
      'password' in proof ? proof.password === this.password : proof.recoveryCode === this.recovery?.words;
    if (!isOwner) throw problem('wrong-credentials');
  }

  /** Fails unless the server takes whoever comes with this. */
  protected admit(options: RegisterOptions | undefined): void {
    if (this.registration === 'closed') throw problem('registration-closed');
    if (this.registration === 'open') return;
    if (options?.invite === undefined) throw problem('invite-required');
    if (!this.invites.delete(options.invite)) throw problem('invite-invalid');
  }

  /** This device is one of the account's now. */
  protected abstract enter(name: string): void;

  /** It is no more. `erases`: and nothing is left here. */
  protected abstract leave(erases: boolean): void;

  #hasSaid(): Pick<ServerInfo, 'about' | 'landing' | 'news'> {
    const [about, landing] = [this.operatorsPages.has('about'), this.operatorsPages.has('landing')];
    return { about, landing, news: this.operatorsNews.length > 0 };
  }
}
