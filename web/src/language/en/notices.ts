/** What a notice says. */
export const notices = {} as const;
