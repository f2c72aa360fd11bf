/** What is said by what outlives a component. */
export const state = {} as const;
