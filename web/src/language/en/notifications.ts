/** What a notification says. The service worker has these of every language. */
export const notifications = {
  new: 'New message',
  some: 'New messages',
  request: 'Wants to write to you',
  groupRequest: 'You were put into this group',
  said: '{name}: {said}',
  fleeting: 'Fleeting message',
  timed: 'Message that will vanish',
  count: { one: '{count} new message', other: '{count} new messages' },
  newFrom: { one: '{name}: new message', other: '{name}: {count} new messages' },
  named: { one: 'You were named', other: 'You were named {count} times' },
  namedBy: { one: '{name}: you were named', other: '{name}: you were named {count} times' },
} as const;
