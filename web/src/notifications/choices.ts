/** What this browser shows of what comes. It is the browser's own: another one of the same account may show something else. */
export interface NotificationChoices {
  readonly isOn: boolean;
  readonly shows: Shows;
  /** Of groups: everything, or what names this account. */
  readonly groups: 'everything' | 'named';
}

/** `words`: who, and what they said. `names`: who. `nothing`: that there is something. */
export type Shows = 'words' | 'names' | 'nothing';

/** Nothing is shown until somebody wants it. */
export const UNCHOSEN: NotificationChoices = { isOn: false, shows: 'words', groups: 'everything' };
