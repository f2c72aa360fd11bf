/** What becomes of messages. */
export const retention = {} as const;
