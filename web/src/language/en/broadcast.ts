/** Broadcasts: a few write to everyone. */
export const broadcast = {
  title: 'Broadcast',
  ofServer: 'From those who run this server to everyone on it.',
  ofCommunity: 'From those who look after the community to everyone in it.',
  none: 'There is no broadcast yet.',
  joinFirst: 'Join the community to read along.',
  start: 'Begin a broadcast',
  starting: 'Beginning…',
  startTitle: 'Begin a broadcast',
  startHint:
    'You write, and everyone who reads along sees it. You can make others admins there, who write too. At most 2,000 devices can read along; and as anyone here may come in, it is not protected against a later quantum computer.',
  begin: 'Begin',
  another: 'Begin another',
  stop: 'End the broadcast…',
  stopTitle: 'End the broadcast?',
  stopHint: 'It is shown here no more. The group goes on for those who read along.',
  stopThis: 'End the broadcast',
  readOnly: 'Here the owner and the admins write. You read along.',
  about: 'A broadcast: the owner and the admins write, everyone else reads.',
} as const;
