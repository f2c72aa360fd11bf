/** Deleting the account. */
export const deletion = {
  exportRunning: 'Your export is not finished yet. It is lost if you delete the account now.',
  exportReady: 'Your export is ready. Save it first: it goes with the account.',
  wrongName: 'That is not the name of this account.',
  enterPassword: 'Please enter your password.',
  farewell: 'The account “{name}” is deleted. Nothing of it is left in this browser.',
  wrongPassword: 'That is not the password of this account.',
  deleted: 'What is deleted',
  deleted1: 'Your profile. Your name is given to nobody again, not even to you.',
  deleted2: 'Your keys, with the copies that your password and your recovery code open.',
  deleted3: 'Your devices: all of them are logged out at once, and nothing is left in this browser.',
  deleted4: 'The archive of your history on the server.',
  deleted5: 'The files that you have sent. Others keep those that they have saved, and can open the rest no more.',
  kept: 'What is not',
  kept1:
    'What you have written: it stays with those who are in your chats, with your name, and on the server, encrypted. Your notes to yourself can be read by nobody then.',
  kept2:
    'The groups that you are in. They go on without you. If you own one, an admin can take it over, or any member if it has no admin. If it should end with you, delete it first.',
  kept3: 'What your other devices have stored: it stays on them, encrypted, until you delete it there.',
  before: 'Before you go',
  beforeText: 'Your history can be saved as a file now, and not any more once the account is gone.',
  exportHistory: 'Export your history',
  deleteIt: 'Delete it',
  name: 'Name of the account',
  typeName: 'Type “{name}” here, so that nothing is deleted by mistake.',
  typeHint: 'So that nothing is deleted by mistake.',
  deleteEllipsis: 'Delete the account…',
  lastTitle: 'Delete “{name}” for good?',
  lastHint:
    'This is the last question. The account and all that belongs to it are deleted at once, and cannot be brought back.',
  deleting: 'Deleting…',
  deleteForGood: 'Delete for good',
  keep: 'Keep it',
  forGood:
    'This deletes <strong>{name}</strong> for good. Nobody can bring it back: not you, and not whoever runs this server.',
  yoursForGood:
    'This deletes your account for good. Nobody can bring it back: not you, and not whoever runs this server.',
} as const;
