/** The shortest password that can be chosen, in characters. */
export const PASSWORD_LENGTH = 8;

export function isTooShort(password: string): boolean {
  return [...password].length < PASSWORD_LENGTH;
}

/** Asks how hard a password is to guess. */
export interface StrengthQuestion {
  readonly password: string;
  /** What is known of whoever chooses it, and of this place. */
  readonly known: readonly string[];
}

export interface StrengthAnswer {
  /** From 0, found by the first thousand guesses, to 4, not found by ten thousand millions. */
  readonly score: 0 | 1 | 2 | 3 | 4;
  /** What makes it easy, in the words of zxcvbn. */
  readonly reason?: string;
}

const REASONS: Readonly<Record<string, string>> = {
  straightRow: 'Keys in a row are among the first guesses.',
  keyPattern: 'Patterns on the keyboard are among the first guesses.',
  simpleRepeat: 'Repeating a character adds next to nothing.',
  extendedRepeat: 'Repeating it adds next to nothing.',
  sequences: 'What follows in order, like abc or 123, adds next to nothing.',
  recentYears: 'Years are easy to guess.',
  dates: 'Dates are easy to guess.',
  topTen: 'Everybody tries this one first.',
  topHundred: 'Everybody tries this one first.',
  common: 'Many people have this password.',
  similarToCommon: 'Many people have one like this.',
  wordByItself: 'A single word is easy to guess.',
  namesByThemselves: 'Names are easy to guess.',
  commonNames: 'Names are easy to guess.',
  userInputs: 'Your own name is easy to guess.',
};

const LEVELS: Readonly<Record<StrengthAnswer['score'], { bars: number; words: string }>> = {
  0: { bars: 1, words: 'Easy to guess. Add a word or two.' },
  1: { bars: 1, words: 'Easy to guess. Add a word or two.' },
  2: { bars: 2, words: 'Fair. Another word makes it much better.' },
  3: { bars: 3, words: 'Good.' },
  4: { bars: 4, words: 'Strong.' },
};

/** What is shown of a password's strength: bars of four, and words. Nothing while only its length is known. */
export function strengthShown(password: string, answer: StrengthAnswer | undefined): { bars: number; words: string } {
  if (isTooShort(password)) {
    const words = `At least ${PASSWORD_LENGTH} characters. A few words in a row are easy to keep in mind.`;
    return { bars: 0, words };
  }
  if (!answer) return { bars: 0, words: '' };
  const { bars, words } = LEVELS[answer.score];
  const reason = answer.score < 3 && answer.reason !== undefined && Object.hasOwn(REASONS, answer.reason);
  return { bars, words: reason ? `${REASONS[answer.reason ?? '']} ${words}` : words };
}
