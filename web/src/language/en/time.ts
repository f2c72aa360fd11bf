/** Days and moments. */
export const time = {} as const;
