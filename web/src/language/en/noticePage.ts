/** The page of notices. */
export const noticePage = {} as const;
