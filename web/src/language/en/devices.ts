/** The devices of an account. */
export const devices = {} as const;
