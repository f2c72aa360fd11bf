/** Groups: their members, rules, links and requests. */
export const group = {
  foundCount: { one: '1 group found', other: '{count} groups found' },
  foundOrMore: { one: '{count} or more groups found', other: '{count} or more groups found' },
  foundNone: 'No group found for “{sought}”.',
} as const;
