/** Words of `src/text` that belong to no other area. */
export const text = {} as const;
