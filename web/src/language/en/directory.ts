/** Finding people and groups, and making a group. */
export const directory = {
  searchGroups: 'Search listed groups',
  groupsFound: 'Groups found',
  yourGroups: 'Your groups',
  noGroups: 'You are in no group yet. Make one, or look for one that is listed.',
  searchPeople: 'Search people by name',
  youTalkWith: 'You talk with',
  askFriends: 'Ask your friends for their names here, and tell them yours: {name}',
  notReachable: 'One of these people cannot be reached yet. Add them once they have been online.',
  descriptionHint: 'What it is about. You can leave this empty.',
  howLongKept: 'How long are messages kept?',
  howLarge: 'How large can it become?',
  creating: 'Creating…',
  create: 'Create the group',
} as const;
