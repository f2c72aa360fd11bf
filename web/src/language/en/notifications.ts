/** What a notification says. The service worker has these of every language. */
export const notifications = {} as const;
