import { current } from '../language/catalogue';

/** A number as the language writes it. */
export function numberWords(number: number): string {
  return current().numbers.format(number);
}

/** The same, where beyond `most` nobody counts any more. */
export function atMost(number: number, most: number): string {
  return number > most ? `${numberWords(most)}+` : numberWords(number);
}
