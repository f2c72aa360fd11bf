/** Reporting messages and people to those who look after the server. */
export const reports = {
  reportEllipsis: 'Report…',
  messageTitle: 'Report this message?',
  personTitle: 'Report {name}?',
  messageHint:
    'Those who look after this server read this message and your words, and see that it is you who reports it. They cannot read anything else of this chat. Whoever wrote it is not told.',
  personHint:
    'Those who look after this server read your words, and see that it is you who reports. They cannot read your messages. {name} is not told.',
  groupTitle: 'Report this group?',
  groupHint:
    'Those who look after this server read your words, and see that it is you who reports. They cannot read what is said in the group. Its members are not told.',
  why: 'What is wrong with it?',
  comment: 'What should they know?',
  commentHint: 'You may leave it empty.',
  send: 'Report',
  sending: 'Reporting…',
  sent: 'Reported. Those who look after this server will look at it.',
  sentUnproven:
    'Reported. The server could not check that the message says this, and says so to those who read the report.',
  spam: 'Unwanted advertising',
  fraud: 'Fraud',
  harassment: 'Harassment or threats',
  hate: 'Hate',
  violence: 'Violence',
  sexual: 'Sexual content that nobody wanted',
  'child-abuse': 'Abuse of children',
  'self-harm': 'Self-harm or suicide',
  illegal: 'Something else that is forbidden by law',
  other: 'Something else',
} as const;
