import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where pictures of the pages are kept. */
export const SCREENSHOTS = fileURLToPath(new URL('../../output/screenshots/', import.meta.url));
mkdirSync(SCREENSHOTS, { recursive: true });

/** A folder for the time of one test file. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-browser-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}
