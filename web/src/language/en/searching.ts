/** Searching in messages, and starred ones. */
export const searching = {} as const;
