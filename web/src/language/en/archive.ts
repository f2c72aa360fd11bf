/** What the archive says of itself. */
export const archive = {} as const;
