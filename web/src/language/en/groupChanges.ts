/** What members have changed in a group. */
export const groupChanges = {} as const;
