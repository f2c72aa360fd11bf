/** The list of chats. */
export const chats = {
  title: 'Chats',
  searchMessages: 'Search messages',
  starred: 'Starred messages',
  notes: 'Notes to yourself',
  findPeople: 'Find people',
  requests: 'Requests',
  archived: 'Archived',
  none: 'No chats yet.',
  noneHint: 'Find somebody by name and say hello.',
  noMessages: 'No messages yet',
  draft: 'Draft:',
  waiting: 'Waiting to be sent:',
  notSent: 'Not sent:',
  you: 'You:',
  named: { one: 'You were named', other: 'You were named {count} times' },
  unread: '{number}<hidden> unread</hidden>',
} as const;
