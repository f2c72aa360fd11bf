// A tour through the whole web app, in each browser: see ../README.md.

import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BROWSERS } from './browsers.js';
import { account } from './chapters/account.js';
import { administration } from './chapters/administration.js';
import { broadcast } from './chapters/broadcast.js';
import { communities } from './chapters/communities.js';
import { encounters } from './chapters/encounters.js';
import { outside } from './chapters/outside.js';
import { settings } from './chapters/settings.js';
import { Tour } from './tour.js';

/** In the order of a newcomer's first days. */
const CHAPTERS = [outside, account, encounters, communities, broadcast, administration, settings];
const PICTURES = fileURLToPath(new URL('../../../target/tour/', import.meta.url));

/** @param {string} name @returns {name is import('./browsers.js').BrowserName} */
const isBrowser = (name) => name in BROWSERS;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { pictures: { type: 'string', default: PICTURES } },
});
const browsers = positionals.length > 0 ? positionals : Object.keys(BROWSERS);
let failed = false;
for (const browser of browsers) {
  if (!isBrowser(browser)) throw new Error(`there is no browser ${browser}: ${Object.keys(BROWSERS).join(', ')}`);
  const folder = join(resolve(values.pictures), browser);
  console.log(`\n── The tour in ${browser}`);
  try {
    const pictures = await Tour.through(browser, folder, CHAPTERS);
    console.log(`   done: ${pictures} pictures in ${folder}`);
  } catch (error) {
    // The other browser is worth a look too.
    failed = true;
    console.error(error);
  }
}
if (failed) process.exitCode = 1;
