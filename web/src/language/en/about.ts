/** The page about Sotto. */
export const about = {} as const;
