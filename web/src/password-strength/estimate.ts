import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common';
import { dictionary as english } from '@zxcvbn-ts/language-en';
import type { StrengthAnswer, StrengthQuestion } from '../text/password';

/** How much of a password is looked at, in UTF-16 units: what comes behind them makes it no easier to guess, and takes its time. */
const LOOKED_AT = 64;
/** How many spellings with digits and signs for letters are tried: with the 100 that are usual, a long one takes a second. */
const SPELLINGS = 20;

const zxcvbn = new ZxcvbnFactory({
  dictionary: { ...common, ...english },
  graphs: adjacencyGraphs,
  maxLength: LOOKED_AT,
  l33tMaxSubstitutions: SPELLINGS,
});

/** How hard it is to guess for somebody who knows words, names, keyboards, and what others have chosen. */
export function estimate({ password, known }: StrengthQuestion): StrengthAnswer {
  const { score, feedback } = zxcvbn.check(password, [...known]);
  return { score, ...(feedback.warning && { reason: feedback.warning }) };
}
