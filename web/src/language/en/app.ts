/** What is around the pages: menu, header, titles, what the connection is. */
export const app = {
  notifications: 'Notifications',
  groups: 'Groups',
  people: 'People',
  menu: 'Main',
  unreadCount: { one: ', {count} unread', other: ', {count} unread' },
  newCount: { one: ', {count} new', other: ', {count} new' },
  about: 'About',
  logIn: 'Log in',
  createAccount: 'Create an account',
  storeFailed: 'Nothing more can be stored in this browser. Is there space left?',
  offline: 'Offline. What you write is sent when you are back.',
  connecting: 'Connecting…',
  search: 'Search',
  newGroup: 'New group',
  joinGroup: 'Join a group',
  notFound: 'Not found',
  aboutGroup: 'About {group}',
  newDevice:
    'A new device has logged in to your account. If it is not yours, remove it. <link>Look at your devices</link>',
  skip: 'Skip to the content',
  yourChats: 'Your chats',
} as const;
