import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The bytes by which a secret could be recognised: as it is, in hex, and in base64 and base64url at each of the three
 * offsets that it can have inside a longer encoding.
 * @param {string} secret
 */
function forms(secret) {
  const raw = Buffer.from(secret, 'utf8');
  const hex = raw.toString('hex');
  const found = new Set([secret, hex, hex.toUpperCase()]);
  for (const offset of [0, 1, 2]) {
    const shifted = Buffer.concat([Buffer.alloc(offset), raw]);
    // Only the characters that depend on nothing but the secret.
    const [first, last] = [Math.ceil((offset * 8) / 6), Math.floor((shifted.length * 8) / 6)];
    for (const encoding of /** @type {const} */ (['base64', 'base64url'])) {
      found.add(shifted.toString(encoding).slice(first, last));
    }
  }
  return [...found].map((form) => Buffer.from(form, 'utf8'));
}

/**
 * Every file below the folder in which a secret stands in any form. Secrets shorter than 8 bytes prove nothing.
 * @param {string} folder
 * @param {readonly string[]} secrets
 */
export function traces(folder, secrets) {
  const short = secrets.filter((secret) => Buffer.byteLength(secret) < 8);
  if (short.length > 0) throw new Error(`too short to be searched for: ${short.join(', ')}`);
  const searched = secrets.map((secret) => ({ secret, forms: forms(secret) }));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const found = [];
  let bytes = 0;
  for (const file of files) {
    const content = readFileSync(join(file.parentPath, file.name));
    bytes += content.length;
    for (const { secret, forms } of searched) {
      if (forms.some((form) => content.includes(form))) found.push(`${file.name}: ${secret.slice(0, 40)}`);
    }
  }
  return { files: files.map((file) => file.name), bytes, found };
}
