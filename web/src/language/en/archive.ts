/** What the archive says of itself. */
export const archive = {
  rolledBack: 'The server shows an older history than your devices have stored there.',
  forked: 'The server shows your devices different histories.',
  cut: 'A part of the history that your devices have stored on the server is missing.',
  foreign: 'What the server shows as your history was not stored by your devices.',
  aChat: 'A chat',
  restoring: 'Reading your earlier messages…',
  faultHint: 'The messages on this device are as they were. Ask whoever runs the server, if you did not expect this.',
  seen: 'I have seen it',
} as const;
