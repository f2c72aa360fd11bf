/** What went wrong, by its code. */
export const problems = {} as const;
