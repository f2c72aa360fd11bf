import { t, type PlainKey } from '../language/catalogue';

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

const REASONS: Readonly<Record<string, PlainKey>> = {
  straightRow: 'account.reasonStraightRow',
  keyPattern: 'account.reasonKeyPattern',
  simpleRepeat: 'account.reasonSimpleRepeat',
  extendedRepeat: 'account.reasonExtendedRepeat',
  sequences: 'account.reasonSequences',
  recentYears: 'account.reasonRecentYears',
  dates: 'account.reasonDates',
  topTen: 'account.reasonTop',
  topHundred: 'account.reasonTop',
  common: 'account.reasonCommon',
  similarToCommon: 'account.reasonSimilarToCommon',
  wordByItself: 'account.reasonWordByItself',
  namesByThemselves: 'account.reasonNames',
  commonNames: 'account.reasonNames',
  userInputs: 'account.reasonUserInputs',
};

const LEVELS: Readonly<Record<StrengthAnswer['score'], { bars: number; words: PlainKey }>> = {
  0: { bars: 1, words: 'account.strengthLow' },
  1: { bars: 1, words: 'account.strengthLow' },
  2: { bars: 2, words: 'account.strengthFair' },
  3: { bars: 3, words: 'account.strengthGood' },
  4: { bars: 4, words: 'account.strengthStrong' },
};

/** What is shown of a password's strength: bars of four, and words. Nothing while only its length is known. */
export function strengthShown(password: string, answer: StrengthAnswer | undefined): { bars: number; words: string } {
  if (isTooShort(password)) {
    const words = t('account.strengthLength', { length: PASSWORD_LENGTH });
    return { bars: 0, words };
  }
  if (!answer) return { bars: 0, words: '' };
  const { bars, words } = LEVELS[answer.score];
  const advice = t(words);
  const { reason: found = '' } = answer;
  const reason = answer.score < 3 && Object.hasOwn(REASONS, found) ? REASONS[found] : undefined;
  return { bars, words: reason === undefined ? advice : `${t(reason)} ${advice}` };
}
