import { isSomebodyThere } from '@sotto/client';
import { IndexedDbNotifications, type NotificationStore } from './store';

/** What this browser can do. `home-screen`: only once the app is on the home screen (iPhones and iPads). */
export type Support = 'full' | 'home-screen' | 'none';

/** The browser, as far as notifications need it. */
export interface NotificationBrowser {
  readonly support: Support;
  readonly permission: NotificationPermission;
  /** Asks the user. They see the browser's own question. */
  askPermission(): Promise<NotificationPermission>;
  /** The service worker's registration, once it works. */
  registration(): Promise<ServiceWorkerRegistration>;
  /** Whether somebody looks at any tab. */
  isSomebodyThere(): Promise<boolean>;
  readonly store: NotificationStore;
  /** Hears what the service worker says, until the returned function is called. */
  listen(receive: (event: MessageEvent) => void): () => void;
}

/** The browser that this runs in. */
export function thisBrowser(): NotificationBrowser {
  return {
    support: supported(),
    get permission() {
      return 'Notification' in globalThis ? Notification.permission : 'denied';
    },
    askPermission: () => Notification.requestPermission(),
    registration: async () => {
      const registration = await navigator.serviceWorker.getRegistration('/');
      // Where it was refused it would never be ready.
      if (!registration) throw { code: 'no-service-worker', message: 'no service worker is registered' };
      return registration.active ? registration : navigator.serviceWorker.ready;
    },
    isSomebodyThere: () => isSomebodyThere(),
    store: new IndexedDbNotifications(),
    listen: (receive) => {
      const container: ServiceWorkerContainer | undefined = navigator.serviceWorker;
      container?.addEventListener('message', receive);
      return () => container?.removeEventListener('message', receive);
    },
  };
}

function supported(): Support {
  if ('serviceWorker' in navigator && 'Notification' in globalThis && 'PushManager' in globalThis) return 'full';
  // Only these browsers say whether they show a page from the home screen.
  const { standalone } = navigator as { standalone?: boolean };
  return standalone === false ? 'home-screen' : 'none';
}
