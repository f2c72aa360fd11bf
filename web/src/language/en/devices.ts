/** The devices of an account. */
export const devices = {
  logOutEverywhere: 'Log out everywhere',
  logOutEverywhereTitle: 'Log out everywhere?',
  loggedOutEverywhere: 'You are logged out on all of your devices.',
  logOutEverywhereHint:
    'All of your devices are logged out at once, and this one too. What they have stored stays on them, encrypted, until you log in there again. For that you need your password or your recovery code.',
  changePasswordFirst: 'If somebody else may know your password, change it first: who knows it can log in again.',
  thisDevice: 'This device',
  verified: 'Verified',
  new: 'New',
  newHint: 'This device has logged in since you last looked. If it is not yours, remove it, and change your password.',
  loggedIn: 'Logged in {time}',
  loggedInAndSeen: 'Logged in {enrolled}, last seen {seen}',
  name: 'Name of this device',
  renameThis: 'Rename {name}',
  codeOf: 'Code of {name}',
  code: 'Code',
  removeThis: 'Remove {name}',
  removeTitle: 'Remove {name}?',
  removeHint: 'It is logged out at once, leaves all your chats, and reads nothing that is said from now on.',
  compareThis: 'Compare this with what your other device shows for this one.',
  compareOther:
    'Open your devices on {name} and compare this with the code that it shows for itself. If they are the same, it is the one that you think it is.',
  logInNew: 'Log in a new device',
  isLoggedIn: '<name>{device}</name> is logged in.',
  newDevice: 'The new device',
  codeOver: 'The code is over. Close this and ask for another.',
  codeHint:
    'Scan this with the new device, or open this site there, choose “Use a code from another device” on the login page, and paste the code. It works once, until {time}.',
  codeForNew: 'Code for a new device',
  codeWarning: 'Whoever gets this code is logged in as you. Show it to nobody, and send it to nobody.',
  copyCode: 'Copy the code',
  makingCode: 'Making a code…',
  nameless: 'A device without a name',
  pageHint:
    'Everywhere your account is logged in. Each device has its own keys; their names are readable on your devices alone.',
  reading: 'Reading the list…',
} as const;
