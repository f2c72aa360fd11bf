/** The shortest password that can be chosen, in characters. */
export const PASSWORD_LENGTH = 8;

export type Strength = 'too-short' | 'weak' | 'fair' | 'good' | 'strong';

/** What everybody tries first, and what a password may not mostly consist of. */
const COMMON = [
  'password',
  'passwort',
  'qwerty',
  'qwertz',
  'azerty',
  'letmein',
  'iloveyou',
  'welcome',
  'abc123',
  'admin',
];

/**
 * A rough estimate, kept small on purpose. What protects an account is key stretching on this device and that the
 * server only ever sees OPAQUE messages; the hint is there to move people from a word to a phrase.
 */
export function strengthOf(password: string, name: string): Strength {
  const length = [...password].length;
  if (length < PASSWORD_LENGTH) return 'too-short';
  const lower = password.toLowerCase();
  let rest = lower;
  for (const word of name.length > 2 ? [...COMMON, name] : COMMON) rest = rest.replaceAll(word, '*');
  const classes = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(password)).length;
  // Characters that repeat the one before or follow it in order ("aaaa", "1234") add next to nothing.
  const units = [...rest];
  const surprising = units.filter((unit, index) => {
    const step = (unit.codePointAt(0) ?? 0) - (units[index - 1]?.codePointAt(0) ?? Number.NaN);
    return !(Math.abs(step) <= 1);
  }).length;
  const bits = surprising * (2.2 + 0.6 * classes);
  if (bits < 28) return 'weak';
  if (bits < 42) return 'fair';
  return bits < 60 ? 'good' : 'strong';
}
