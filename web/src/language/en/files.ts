/** Files: sending, playing, looking at them. */
export const files = {} as const;
