/** What buttons say wherever they stand. */
export const actions = {} as const;
