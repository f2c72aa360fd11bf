/** What this browser tells of new messages. */
export const notificationSettings = {
  example: 'It looks about like this:',
  now: 'now',
} as const;
