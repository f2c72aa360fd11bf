/** Deleting the account. */
export const deletion = {} as const;
