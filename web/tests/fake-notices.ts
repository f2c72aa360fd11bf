import type { Message, Notice, NoticeAbout, WakeUpAddress } from '@sotto/client';
import { problem } from './fake-calls';
import { FakeHistory } from './fake-history';

/** What happened to the fake client's account, and how its device is woken. */
export abstract class FakeNotices extends FakeHistory {
  address: WakeUpAddress | undefined;
  /** Addresses that the push service knows no more. */
  readonly goneEndpoints = new Set<string>();
  serverKey = new Uint8Array(65).fill(4);
  /** What comes while somebody catches up. */
  onCatchUp: () => void | Promise<void> = () => undefined;
  /** The latest first. */
  #notices: Notice[] = [];

  /** Something has happened. */
  happens(about: NoticeAbout, more: Partial<Notice> = {}): Notice {
    const notice: Notice = { id: this.id('notice'), at: Date.now(), isNew: true, about, ...more };
    this.#notices = [notice, ...this.#notices].sort((a, b) => b.at - a.at);
    this.emit({ kind: 'notices' });
    return notice;
  }

  /** Somebody has looked at them in another tab. */
  looksElsewhere(): void {
    this.#notices = this.#notices.map((notice) => ({ ...notice, isNew: false }));
    this.emit({ kind: 'notices' });
  }

  async wakeUpKey(): Promise<Uint8Array> {
    this.called('wakeUpKey');
    return this.serverKey;
  }

  async setWakeUpAddress(address: WakeUpAddress): Promise<void> {
    this.called('setWakeUpAddress', address.endpoint);
    if (this.goneEndpoints.has(address.endpoint)) throw problem('endpoint-refused');
    this.address = structuredClone(address);
  }

  async removeWakeUpAddress(): Promise<void> {
    this.called('removeWakeUpAddress');
    this.address = undefined;
  }

  async wakeUpEndpoint(): Promise<string | undefined> {
    return this.address?.endpoint;
  }

  async catchUp(): Promise<void> {
    this.called('catchUp');
    await this.onCatchUp();
  }

  async notices(limit: number, before?: string): Promise<Notice[]> {
    this.called('notices', String(limit));
    const from = before === undefined ? 0 : this.#notices.findIndex(({ id }) => id === before) + 1;
    return this.#notices.slice(from, from + limit).flatMap((notice) => this.#asItIs(notice) ?? []);
  }

  async markNoticesSeen(): Promise<void> {
    this.called('markNoticesSeen');
    this.looksElsewhere();
  }

  /** With its message as that is now; without it there is no notice. */
  #asItIs(notice: Notice): Notice | undefined {
    const { about } = notice;
    if (!('message' in about)) return notice;
    const message: Message | undefined = this.found(about.message.chat, about.message.id);
    return message && { ...notice, about: { ...about, message } };
  }
}
