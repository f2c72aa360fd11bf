/** What a message is in a line. The service worker has these of every language. */
export const previews = {
  fileName: 'file',
  voice: 'Voice message',
  voiceOf: 'Voice message ({length})',
  picture: 'Picture',
  video: 'Video',
  videoOf: 'Video ({length})',
  untitled: 'Group',
  somebody: 'Somebody',
  fromBlocked: 'From somebody you blocked',
  unknown: 'Sent by a newer version of Sotto',
  deletedByYou: 'You deleted this message',
  deletedBy: '{name} deleted this message',
} as const;
