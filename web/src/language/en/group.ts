/** Groups: their members, rules, links and requests. */
export const group = {} as const;
