const HUES = [18, 42, 85, 150, 178, 212, 262, 318];

/** The colour of an account or a chat, as degrees of the colour circle: it follows the id, so it outlives a new name. */
export function hueOf(id: string): number {
  let sum = 0;
  for (const unit of id) sum = (sum * 31 + (unit.codePointAt(0) ?? 0)) % 65_521;
  return HUES[sum % HUES.length] ?? 0;
}
