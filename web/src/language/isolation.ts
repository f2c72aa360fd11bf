// What people have called themselves, their groups and files may be of any script. Within a sentence of another direction such a
// name would turn what stands beside it, so it is isolated (Unicode Bidirectional Algorithm, 2.4), in all that is no markup too:
// labels, titles, notifications.

const FIRST_STRONG = '\u2068';
const POP = '\u2069';

/** Letters that are written from right to left, and characters that turn what follows them. */
const TURNS =
  /[\u0590-\u08FF\u200E\u200F\u202A-\u202E\u2066-\u2069\uFB1D-\uFDFF\uFE70-\uFEFF\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
const ISOLATES = /[\u2066-\u2069]/gu;

/** The text, so that it turns nothing around it. Where it could not, it is left as it is. */
export function isolated(text: string, direction: 'ltr' | 'rtl'): string {
  if (text === '' || (direction === 'ltr' && !TURNS.test(text))) return text;
  return `${FIRST_STRONG}${closed(text)}${POP}`;
}

/** Without an end that it has not begun, which would end the isolation around it, and with the ends that are missing. */
function closed(text: string): string {
  let depth = 0;
  const balanced = text.replace(ISOLATES, (character) => {
    if (character !== POP) {
      depth += 1;
      return character;
    }
    if (depth === 0) return '';
    depth -= 1;
    return character;
  });
  return balanced + POP.repeat(depth);
}
