/** The page of notices. */
export const noticePage = {
  none: 'Nothing yet. When somebody names you, answers you, reacts to what you said or puts you into a group, you find it here.',
} as const;
