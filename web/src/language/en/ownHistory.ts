/** Exporting and importing the own history. */
export const ownHistory = {} as const;
