/** One message, and what can be done with it. */
export const message = {} as const;
