/** Safety numbers, and keys that have changed. */
export const safety = {
  same: 'They are the same',
} as const;
