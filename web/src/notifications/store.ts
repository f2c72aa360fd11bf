import type { ChatId } from '@sotto/client';
import { isLanguage, type Language } from '../language/languages';
import { UNCHOSEN, type NotificationChoices } from './choices';

/** The latest message of a chat for which a notification was shown, or was not wanted. */
export interface Claim {
  readonly chat: ChatId;
  readonly position: number;
  readonly at: number;
}

/** What the tabs and the service worker have in common: no message, no name. */
export interface NotificationStore {
  choices(): Promise<NotificationChoices>;
  choose(choices: NotificationChoices): Promise<void>;
  /** The language that was chosen in this browser: a service worker cannot ask the pages' storage. */
  language(): Promise<Language | undefined>;
  keepLanguage(language: Language | undefined): Promise<void>;
  /** Whether this is later than what was claimed of its chat before; from now on it is not. Of several who claim the same, one has it. */
  claim(claim: Claim): Promise<boolean>;
  /** Another account may come: nothing is claimed. */
  forgetClaims(): Promise<void>;
  /** And nothing is chosen. */
  erase(): Promise<void>;
}

/** A fleeting message has the position of the one that it came after. */
export function isLater(claim: Claim, before: Claim | undefined): boolean {
  if (!before || claim.position > before.position) return true;
  return claim.position === before.position && claim.at > before.at;
}

const DATABASE = 'sotto-web';
const CHOICES = 'choices';
const CLAIMS = 'claims';
/** What was chosen of notifications, and whose words they have. */
const KEY = 'notifications';
const LANGUAGE = 'language';

/** In IndexedDB, which a service worker can read as well as a page. */
export class IndexedDbNotifications implements NotificationStore {
  #database: Promise<IDBDatabase> | undefined;

  async choices(): Promise<NotificationChoices> {
    const stored = await this.#run(CHOICES, 'readonly', (store) => store.get(KEY));
    return { ...UNCHOSEN, ...(stored as Partial<NotificationChoices> | undefined) };
  }

  async choose(choices: NotificationChoices): Promise<void> {
    await this.#run(CHOICES, 'readwrite', (store) => store.put({ ...choices }, KEY));
  }

  async language(): Promise<Language | undefined> {
    const stored = await this.#run<unknown>(CHOICES, 'readonly', (store) => store.get(LANGUAGE));
    return isLanguage(stored) ? stored : undefined;
  }

  async keepLanguage(language: Language | undefined): Promise<void> {
    await this.#run(CHOICES, 'readwrite', (store) => store.put(language ?? null, LANGUAGE));
  }

  async claim(claim: Claim): Promise<boolean> {
    const transaction = (await this.#open()).transaction(CLAIMS, 'readwrite');
    const done = settled(transaction);
    const store = transaction.objectStore(CLAIMS);
    let isFirst = false;
    const reading: IDBRequest<Claim | undefined> = store.get(claim.chat);
    // Reading and writing are one transaction: nobody comes between.
    reading.onsuccess = () => {
      isFirst = isLater(claim, reading.result);
      if (isFirst) store.put({ ...claim }, claim.chat);
    };
    await done;
    return isFirst;
  }

  async forgetClaims(): Promise<void> {
    await this.#run(CLAIMS, 'readwrite', (store) => store.clear());
  }

  async erase(): Promise<void> {
    await this.forgetClaims();
    await this.#run(CHOICES, 'readwrite', (store) => store.clear());
  }

  async #run<T>(name: string, mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const transaction = (await this.#open()).transaction(name, mode);
    const done = settled(transaction);
    const request = work(transaction.objectStore(name));
    await done;
    return request.result;
  }

  #open(): Promise<IDBDatabase> {
    this.#database ??= new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(CHOICES);
        request.result.createObjectStore(CLAIMS);
      };
      request.onsuccess = () => {
        const database = request.result;
        const forget = () => (this.#database = undefined);
        // A later version of the app is not held up.
        database.onversionchange = () => {
          database.close();
          forget();
        };
        database.onclose = forget;
        resolve(database);
      };
      request.onerror = () => reject(request.error ?? new Error('the database was refused'));
    }).catch((error: unknown) => {
      this.#database = undefined;
      throw error;
    });
    return this.#database;
  }
}

function settled(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'));
  });
}
