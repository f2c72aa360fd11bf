/** The page of an invite link. */
export const join = {
  aGroup: 'A group',
  invited: 'You are invited to this group.',
  members: { one: 'It has 1 person in it.', other: 'It has {count} people in it.' },
  linkIs: 'The link is {end}.',
  logInOrCreate: 'Log in to join, or create an account first: it takes a name and a password.',
  logIn: 'Log in to join. This server takes no new accounts.',
  alreadyIn: 'You are in it already.',
  open: 'Open the group',
  hint: 'Its members see that you join, and you read what is said from then on.',
} as const;
