/** Where messages are written. */
export const composer = {} as const;
