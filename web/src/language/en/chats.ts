/** The list of chats. */
export const chats = {} as const;
