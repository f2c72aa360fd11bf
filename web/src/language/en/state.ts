/** What is said by what outlives a component. */
export const state = {
  copyRefused: 'Your browser does not let Sotto copy. Select the text and copy it by hand.',
  notHere: 'That message is not in this browser: it is older than what it has, or was deleted.',
  notWoken:
    'This browser could not be registered with its push service, so you hear of new messages only while Sotto is open in a tab. Switch notifications off and on to try again.',
  intentFailed: 'What you asked for in “{title}” could not be done. {reason}',
} as const;
