/** Creating an account, and logging in. */
export const entry = {} as const;
