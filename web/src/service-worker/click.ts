import type { ToTab } from '../notifications/tab-port';

/** A tab, as far as it is needed here: a `WindowClient` of the service worker. */
export interface Page {
  readonly focused: boolean;
  readonly visibilityState: string;
  postMessage(message: unknown): void;
  focus(): Promise<unknown>;
}

/** What of the service worker's `Clients` is needed here. */
export interface Pages {
  matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly Page[]>;
  openWindow(url: string): Promise<unknown>;
}

/** Somebody has clicked on a notification: shows the page that it leads to in a tab that is there, or opens one. */
export async function showPage(pages: Pages, path: string): Promise<void> {
  const tabs = await pages.matchAll({ type: 'window', includeUncontrolled: true });
  const tab =
    tabs.find(({ focused }) => focused) ??
    tabs.find(({ visibilityState }) => visibilityState === 'visible') ??
    // The one that was used last is the first.
    tabs[0];
  if (!tab) {
    await pages.openWindow(path);
    return;
  }
  tab.postMessage({ kind: 'go', path } satisfies ToTab);
  try {
    await tab.focus();
  } catch {
    // Some browsers focus only tabs that this service worker answers for. It shows the page all the same.
  }
}
