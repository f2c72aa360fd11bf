/** Safety numbers, and keys that have changed. */
export const safety = {} as const;
