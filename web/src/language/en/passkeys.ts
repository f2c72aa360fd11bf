/** Passkeys: logging in without a password. */
export const passkeys = {
  title: 'Passkeys',
  hint: 'With a passkey you log in without your password: your device or a security key asks for your finger, your face or its PIN. It opens your account as the password does, and the server never gets what opens it.',
  off: 'This server takes no passkeys.',
  unsupported: 'This browser has no passkeys.',
  none: 'You have no passkey yet.',
  list: 'Your passkeys',
  added: 'Added {added}, not used yet',
  addedAndUsed: 'Added {added}, last used {used}',
  add: 'Add a passkey',
  name: 'Name of the passkey',
  nameHint: 'So that you know it again, such as “Telephone”. Your devices alone can read it.',
  passwordHint: 'Only you can add a passkey: the password shows that it is you.',
  recoveryHint:
    'Only you can add a passkey: the code that you wrote down shows that it is you. All 24 words in their order, with spaces between them.',
  addIt: 'Add it',
  adding: 'The browser asks you now…',
  renameThis: 'Rename {name}',
  removeThis: 'Remove {name}',
  removeTitle: 'Remove {name}?',
  removeHint:
    'Nobody can log in with it any more. Devices that are logged in stay so. Your browser may go on offering it: delete it there too.',
  nameless: 'A passkey without a name',
  logIn: 'Log in with a passkey',
  asking: 'The browser asks for your passkey…',
  settingsHint: 'Log in without your password, with your finger, your face or a security key.',
  reading: 'Reading the list…',
} as const;
