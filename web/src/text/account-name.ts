/** 2 to 32 of `a–z`, `0–9`, `.`, `_`, `-`, beginning with a letter and not ending in a dot. */
export function isAccountName(text: string): boolean {
  return /^[a-z][a-z0-9._-]{0,30}[a-z0-9_-]$/.test(text);
}
