/** What this browser tells of new messages. */
export const notificationSettings = {} as const;
