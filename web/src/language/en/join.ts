/** The page of an invite link. */
export const join = {} as const;
