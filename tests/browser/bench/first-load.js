// How long it takes until the page can be used, from the start of the navigation: cold (a new profile), and warm (logged
// in, the messages of a chat on the screen) in a browser that has just started and in one that runs. Prints figures;
// nothing here passes or fails.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Profile } from '../support/chromium.js';
import { allSent, find, register, say } from '../support/person.js';
import { Server } from '../support/server.js';

const ROUNDS = 5;
const folder = mkdtempSync(join(tmpdir(), 'sotto-first-load-'));
const server = await Server.start(join(folder, 'server'));

/**
 * @param {import('playwright-core').Page} page
 * @param {string} mark
 */
async function figures(page, mark) {
  await page.waitForFunction((mark) => performance.getEntriesByName(mark).length > 0, mark);
  return await page.evaluate((mark) => {
    const resources = /** @type {PerformanceResourceTiming[]} */ ([
      ...performance.getEntriesByType('navigation'),
      ...performance.getEntriesByType('resource'),
    ]);
    return {
      paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      ready: performance.getEntriesByName(mark)[0]?.startTime ?? Number.NaN,
      bytes: resources.reduce((sum, { transferSize }) => sum + transferSize, 0),
    };
  }, mark);
}

/** @param {number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/**
 * @param {string} what
 * @param {{ paint: number; ready: number; bytes: number }[]} measured
 */
function print(what, measured) {
  const [paint, ready] = [median(measured.map(({ paint }) => paint)), median(measured.map(({ ready }) => ready))];
  const kib = median(measured.map(({ bytes }) => bytes)) / 1024;
  console.log(
    `${what}: first paint ${paint.toFixed(0)} ms, usable ${ready.toFixed(0)} ms, page's own transfer ${kib.toFixed(0)} KiB`,
  );
}

try {
  const cold = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const profile = new Profile(join(folder, `cold-${round}`), server.origin);
    const page = await profile.start('/');
    cold.push(await figures(page, 'sotto:client'));
    await profile.stop();
  }
  print(`cold, new profile, / (median of ${ROUNDS})`, cold);

  const [one, other] = ['one', 'other'].map((name) => new Profile(join(folder, name), server.origin));
  if (!one || !other) throw new Error('two profiles');
  await register(await other.start('/'), 'other', 'a password for measuring with');
  await other.stop();
  const page = await one.start('/');
  await register(page, 'measured', 'a password for measuring with');
  await find(page, 'oth', 'other');
  for (let index = 0; index < 60; index += 1) await say(page, `message number ${index}`);
  await allSent(page);
  await one.stop();
  const restarted = [];
  const reloaded = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const page = await one.start('/dm/other');
    restarted.push(await figures(page, 'sotto:messages'));
    await page.reload();
    reloaded.push(await figures(page, 'sotto:messages'));
    await one.stop();
  }
  print(`warm, browser just started, /dm/other with its messages (median of ${ROUNDS})`, restarted);
  print(`warm, page reloaded, /dm/other with its messages (median of ${ROUNDS})`, reloaded);
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
