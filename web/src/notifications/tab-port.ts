/** How the service worker asks a tab, through one end of a `MessageChannel`, whether it hears what comes. */
export interface WakeUpAsked {
  readonly kind: 'wake-up';
}

/**
 * What a tab answers: first that it is awake, and so is the tab that runs the client, and then that it has fetched and shown what there is.
 */
export type WakeUpAnswer = { readonly kind: 'awake' } | { readonly kind: 'done'; readonly isComplete: boolean };

/** The service worker has given the focus to a tab: somebody wants to see this page. */
export interface GoAsked {
  readonly kind: 'go';
  readonly path: string;
}

/** The browser has another address at its push service, or none. */
export interface RenewAsked {
  readonly kind: 'renew';
}

/** What a tab hears from the service worker about notifications. */
export type ToTab = WakeUpAsked | GoAsked | RenewAsked;
