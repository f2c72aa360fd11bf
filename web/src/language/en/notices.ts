/** What a notice says. */
export const notices = {
  mention: '{who} named you',
  mentionIn: '{who} named you in {where}',
  reply: '{who} answered you',
  replyIn: '{who} answered you in {where}',
  reaction: '{who} reacted with {emoji} to your message',
  reactionIn: '{who} reacted with {emoji} to your message in {where}',
  addedBy: '{who} put you into a group:',
  added: 'You were put into a group:',
  request: '{who} wants to write to you',
  device: 'A new device has logged in to your account',
  notInIt: 'You are in it no more.',
  requestHint: 'They learn nothing of you until you accept.',
  deviceHint: 'If it is not yours, remove it.',
  deviceNamedHint: '{device}. If it is not yours, remove it.',
  new: 'New:',
} as const;
