/** What a message is in a line. The service worker has these of every language. */
export const previews = {} as const;
