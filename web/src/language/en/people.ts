/** People: who they are, who is sought, who is blocked. */
export const people = {} as const;
