import type { AwakeClient, Found } from '@sotto/client/wake-up';

/** What a test lets a wake-up find: it lies in the browser's cache, as the service worker is asleep before it. */
export interface Scene {
  /** Whether a tab runs the client. */
  readonly isLed?: boolean;
  readonly fails?: boolean;
  readonly account: Awaited<ReturnType<AwakeClient['account']>>;
  readonly chats: Awaited<ReturnType<AwakeClient['chats']>>;
  readonly messages: Found['messages'];
  readonly isComplete: boolean;
}

export const SCENE = '/wake-up-scene';

/** Stands in for the package's in the service worker. */
export async function wakeUp<T>(
  _: unknown,
  look: (client: AwakeClient, found: Found) => Promise<T>,
): Promise<T | undefined> {
  const kept = await (await caches.open('harness')).match(SCENE);
  if (!kept) throw new TypeError('there is no scene');
  const { isLed, fails, account, chats, messages, isComplete } = (await kept.json()) as Scene;
  if (fails) throw { code: 'crashed', message: 'the client stopped' };
  if (isLed) return undefined;
  const client = { account: async () => account, chats: async () => chats } as AwakeClient;
  return look(client, { messages, isComplete });
}
