/** Safety numbers, and keys that have changed. */
export const safety = {
  same: 'They are the same',
  changed: 'Identity changed',
  changedMember:
    'The keys behind this name are not the ones you knew. Perhaps {name} started afresh; perhaps somebody else is posing as {name}. Compare the safety number before you accept them.',
  compareNumber: 'Compare safety number',
  accept: 'Accept the new identity',
  compareMember:
    'Compare these digits with {name}, side by side or on a call where you know the voice. If they are the same on both screens, nobody stands between you.',
  numberWith: 'Safety number with {name}',
  notKnown: '{name}’s safety number is not known yet.',
  changedTitle: '{name}’s identity has changed',
  changedInGroup:
    'The keys behind this name are not the ones you knew. Perhaps {name} started afresh; perhaps somebody else is posing as {name}. What is said here may reach them. Compare the safety number first, over something other than Sotto.',
  changedInChat:
    'The keys behind this name are not the ones you knew. Perhaps {name} started afresh; perhaps somebody else is posing as {name}. Nothing is sent until you decide. Compare the safety number first, over something other than Sotto.',
  number: 'Safety number',
  compareHint:
    'Compare these digits with <strong>{name}</strong>, side by side or on a call where you know the voice. If they are the same on both screens, nobody stands between you.',
  otherKeys:
    '<strong>This does not match.</strong> One of you sees other keys than the other has: somebody may be between you. Say nothing here that must stay private, and tell {name} over something other than Sotto.',
  otherAccounts:
    '<strong>This is not the code of this chat.</strong> If {name} showed you another chat’s code, ask for the right one. If not, the server shows one of you somebody else.',
  youVerified: 'You have verified {name}: nobody stands between you.',
  compareByQr: 'Compare by QR code',
  letScan: 'Let {name} scan this:',
  codeWith: 'Safety code with {name}',
  theirScreen: 'What {name}’s screen shows',
  compare: 'Compare',
  scan: 'Scan with the camera',
  noCode: 'No QR code was found in that picture. Please try again, closer and straight.',
  unreadable: 'That picture could not be read.',
} as const;
