import type { SottoErrorShape } from '@sotto/client';

/** What went wrong and what to do about it, for people. The codes are the server's problem codes and the client's own. */
const WORDS: Readonly<Record<string, string>> = {
  'invalid-name': 'That is not a valid name. Use 2 to 32 small letters, digits, dots, dashes or underscores.',
  'name-taken': 'Somebody already has that name. Please choose another.',
  'wrong-credentials': 'The name or the password is wrong.',
  'device-link-refused': 'That code is wrong, was used, or is too old. Let the other device show a new one.',
  'invalid-device-link-code': 'That is not the code of another device. Please copy all of it.',
  'invalid-recovery-code': 'One of the words is wrong or missing. Please compare them with your paper, one by one.',
  'invalid-safety-code': 'That is not a safety code. Please copy all of it.',
  'invalid-device-name': 'A device’s name has 1 to 64 characters, in one line.',
  'device-not-found': 'That device is not one of yours any more.',
  'this-device': 'This is the device that you are using. Log out instead.',
  'login-expired': 'That took too long. Please try again.',
  'session-ended': 'You were logged out. Please log in again.',
  'token-expired': 'You were logged out. Please log in again.',
  unauthenticated: 'Please log in first.',
  forbidden: 'You are not allowed to do that.',
  'user-not-found': 'Nobody here has that name.',
  'too-many-devices': 'This account is used on as many devices as it may be. Remove one first.',
  'no-key-package': 'They cannot be reached yet. Try again once they have been online.',
  'chat-not-found': 'That chat does not exist, or you are not in it.',
  'group-not-found': 'That group does not exist, or not any more.',
  'not-a-group': 'That chat is not a group.',
  'not-a-member': 'You are not in this group any more.',
  'invalid-retention': 'Messages cannot be kept for that long.',
  'membership-refused': 'The group does not allow that. Ask its owner or an admin.',
  'group-full': 'The group would have more devices than it can. A large group can have more.',
  'request-not-found': 'That was answered or withdrawn already.',
  'too-many-requests': 'Too many requests to join are waiting already. Please try again later.',
  'statement-refused': 'An approval that this rests on does not count any more. Try again.',
  'group-info-refused': 'The server did not take this change. Try again.',
  'office-refused': 'Their identity has changed. Check it before you give them a role.',
  'invitation-refused': 'This invite link does not work any more. Ask for a new one.',
  'invalid-invite-link': 'This is not a whole invite link. Copy it again, or ask for a new one.',
  'no-group-key':
    'This browser does not have the group’s key yet. It comes by itself when another device of the owner or an admin is online.',
  'stale-profile': 'Somebody else has just changed this. Please look at it and try again.',
  'invalid-request': 'That cannot be done as it stands. Please check what you entered.',
  'identity-changed': 'Their identity has changed. Check it before you write on.',
  blocked: 'You have blocked them. Unblock them in the settings first.',
  undeliverable: 'They take no messages from you.',
  'too-many-blocks': 'You block as many accounts as you may.',
  'too-large': 'That is larger than this server takes.',
  'blob-too-large': 'That file is larger than this server takes.',
  'quota-exceeded': 'This server keeps no more files for your account. Delete some that you have sent, then try again.',
  'too-many-blobs': 'This server keeps no more files for your account. Delete some that you have sent, then try again.',
  'too-many-uploads': 'Too many files are being sent already. It goes on when some of them are done.',
  'file-differs': 'That is another file. Choose the one that you began to send.',
  'file-unreadable': 'Your browser does not let this file be read any more. Was it moved, changed or deleted?',
  'file-damaged': 'What the server has of this file was altered, so it is not opened.',
  'file-gone': 'This file is not on the server any more: it was deleted, or its time is over.',
  'invalid-picture': 'This picture is damaged, so what is written into it could not be taken out. It was not sent.',
  'file-too-large': 'This file is too large to be shown here. Save it instead.',
  'cannot-stream':
    'This file is too large to be saved from this window. Load the page again, or open Sotto in a window that is not private.',
  'no-service-worker': 'This window cannot show notifications. Load the page again, or use one that is not private.',
  'endpoint-refused': 'This server sends nothing to the push service of this browser. Ask who runs it.',
  offline: 'The server cannot be reached. Please try again when you are connected.',
  'rate-limited': 'That was a little fast. Please wait a moment and try again.',
  internal: 'Something went wrong. Please try again.',
  unavailable: 'The server is busy or restarting. Please try again shortly.',
  'registration-closed': 'This server takes no new accounts.',
  'invite-required': 'You need an invite code to create an account here. Ask whoever runs this server for one.',
  'invite-invalid': 'This invite code does not work: it was mistyped, was used already, or is too old.',
  'captcha-required': 'The check that you are no robot did not succeed. Please try again.',
  'captcha-invalid': 'The check that you are no robot did not succeed. Please try again.',
  timeout: 'The server took too long to answer. Please try again.',
  unreachable: 'The server cannot be reached. Please try again when you are connected.',
  'logged-in': 'Somebody is logged in here already. Log out first.',
  'another-account':
    'The messages in this browser belong to another account. Log in with that one, and log out from it first.',
  'password-length': 'That password is too short or too long.',
  'with-oneself': 'That is you.',
  'invalid-file': 'This file cannot be sent: its name, type or size is none that a file can have.',
  cancelled: 'That was stopped.',
  'passphrase-length': 'The passphrase of an export has at least 12 characters, and at most 1,024 bytes.',
  'wrong-passphrase': 'That passphrase does not open this export. Look for capital letters and spaces, and try again.',
  'not-an-export':
    'This is no encrypted export, or one of a newer version of Sotto. Exports that are made to be read cannot be brought back.',
  'export-damaged':
    'This export was cut short or altered. What came before the damage is here now; nothing after it was used.',
  'another-accounts-export': 'This export is of another account. It can be brought back there alone.',
  'text-empty': 'There is nothing to send yet.',
  'message-not-found': 'That message is not here any more.',
  'message-refused': 'That cannot be done with this message.',
  'not-sent-yet': 'That message is not sent yet. Please wait until it is.',
  'invalid-mention': 'More people are named in this message than one message can name.',
  'too-many-stars': 'As many messages are starred as can be. Take the star off another one first.',
  'invalid-reaction': 'That is no reaction. Please choose an emoji.',
  untrusted: 'What the server answered does not fit what was known before, so nothing was done with it.',
  store: 'Your browser would not store this. Is there space left, or is this a private window?',
  closed: 'The client has stopped. Please reload the page.',
  interrupted: 'Another tab was closed while it worked on this. Please look whether it was done.',
  crashed: 'Sotto stopped working in this tab. Please reload the page.',
  'not-loaded': 'Sotto could not be loaded. Please reload the page.',
  unsupported: 'This browser is too old for Sotto, or blocks what Sotto needs. Please update it or use another.',
};

/** The stable code of what a call threw, if it has one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code } = error as Partial<SottoErrorShape>;
  return typeof code === 'string' ? code : undefined;
}

/** One or two sentences for people. A code that is not known here (a newer server's) is named, so that it can be looked up. */
export function explain(error: unknown): string {
  const code = codeOf(error);
  if (code === undefined) return 'Something went wrong. Please reload the page and try again.';
  return (Object.hasOwn(WORDS, code) && WORDS[code]) || `Something went wrong (${code}). Please try again.`;
}
