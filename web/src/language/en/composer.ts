/** Where messages are written. */
export const composer = {
  edit: 'Edit',
  answerTo: 'Answer to {name}',
  answerToYourself: 'Answer to yourself',
  notAnswer: 'Do not answer this message',
  notEdit: 'Do not edit this message',
  tooLong: 'This message has {size} KiB; the longest that can be sent has {most} KiB. Shorten it, or send it in parts.',
  membersFit: {
    one: '1 member fits. Arrow keys choose, Enter takes.',
    other: '{count} members fit. Arrow keys choose, Enter takes.',
  },
  membersToName: 'Members to name',
} as const;
