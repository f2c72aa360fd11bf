/** Finding people and groups, and making a group. */
export const directory = {} as const;
