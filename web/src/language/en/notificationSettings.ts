/** What this browser tells of new messages. */
export const notificationSettings = {
  example: 'It looks about like this:',
  now: 'now',
  showsWords: 'Who wrote, and what they said',
  showsNames: 'Who wrote',
  showsNothing: 'Only that there is something new',
  showsNothingHint: 'Nobody who sees your screen learns more.',
  everyMessage: 'Every message',
  onlyNamed: 'Only when somebody names you',
  exampleBody: 'Shall we meet at the lake at seven?',
  exampleName: 'Ada',
} as const;
