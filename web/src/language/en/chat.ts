/** One chat: its head, its menu, its messages as a list. */
export const chat = {} as const;
