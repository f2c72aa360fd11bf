/** The page about a group. */
export const groupPage = {} as const;
