import type { Sotto, WakeUpAddress } from '@sotto/client';
import { codeOf } from '../text/problems';

type Server = Pick<Sotto, 'wakeUpKey' | 'setWakeUpAddress'>;
type Registration = Pick<ServiceWorkerRegistration, 'pushManager'>;

/** Has the browser give this device an address at its push service, and the server told. */
export async function subscribe({ pushManager }: Registration, server: Server): Promise<void> {
  const key = await server.wakeUpKey();
  const before = await pushManager.getSubscription();
  if (before && isBoundTo(before, key)) {
    try {
      await server.setWakeUpAddress(addressOf(before));
      return;
    } catch (error) {
      // The push service knows it no more: another one is to be had.
      if (codeOf(error) !== 'endpoint-refused') throw error;
    }
  }
  // One for another server, or for what this one was before: nobody can send there any more.
  await before?.unsubscribe();
  const subscription = await pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: key as Uint8Array<ArrayBuffer>,
  });
  await server.setWakeUpAddress(addressOf(subscription));
}

/**
 * The same, whenever the app is opened. While all is as it should be the browser is asked nothing, and the server seldom: the client finds
 * out now and then whether the push service still knows the address.
 */
export async function renewSubscription(
  { pushManager }: Registration,
  sotto: Server & Pick<Sotto, 'wakeUpEndpoint'>,
): Promise<void> {
  const [subscription, endpoint] = await Promise.all([pushManager.getSubscription(), sotto.wakeUpEndpoint()]);
  if (subscription && subscription.endpoint === endpoint) {
    try {
      await sotto.setWakeUpAddress(addressOf(subscription));
      return;
    } catch (error) {
      if (codeOf(error) !== 'endpoint-refused') throw error;
    }
  }
  await subscribe({ pushManager }, sotto);
}

/** Nobody can wake this browser any more. */
export async function unsubscribe({ pushManager }: Registration): Promise<void> {
  await (await pushManager.getSubscription())?.unsubscribe();
}

function addressOf(subscription: PushSubscription): WakeUpAddress {
  const [p256dh, auth] = [subscription.getKey('p256dh'), subscription.getKey('auth')];
  if (!p256dh || !auth) throw new TypeError('the subscription has no keys');
  return { endpoint: subscription.endpoint, p256dh: new Uint8Array(p256dh), auth: new Uint8Array(auth) };
}

function isBoundTo({ options }: PushSubscription, key: Uint8Array): boolean {
  // A browser that does not say it has bound it to the key that it was given.
  if (!options?.applicationServerKey) return true;
  const bound = new Uint8Array(options.applicationServerKey);
  return bound.length === key.length && bound.every((byte, index) => byte === key[index]);
}
