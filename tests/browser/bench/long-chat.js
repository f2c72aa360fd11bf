// A chat of 50,000 messages of mixed kinds, in the web app: a browser that was never here logs in and has it from the archive; then it
// is opened, scrolled, searched and jumped in. Prints figures, and takes pictures; nothing here passes or fails.
// MESSAGES says how many there are.

import { readFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Profile } from '../support/chromium.js';
import { look } from '../support/look.js';
import { logIn, openChat } from '../support/person.js';
import { Program } from '../support/program.js';
import { conversationProgram } from '../support/programs.js';
import { Server } from '../support/server.js';

/** @typedef {import('playwright-core').Page} Page */

const MESSAGES = Number(process.env.MESSAGES ?? 50_000);
const PASSWORD = 'correct horse battery staple';
const MIB = 1024 * 1024;
/** A frame of 60 a second, in milliseconds. */
const FRAME = 1000 / 60;
/** How many frames the chat is scrolled for. */
const SCROLLED = 900;
/** How many more searches are made once all messages are read. */
const SEARCHES = 31;
/** How long the page waits for more to be typed, in milliseconds. */
const PAUSE = 180;

const folder = mkdtempSync(join(tmpdir(), 'sotto-long-chat-'));
// Two people who say so much in a minute are not what the limits are for.
const server = await Server.start(
  join(folder, 'server'),
  `[limits]
frames_per_connection = { burst = 1, per_minute = 0 }
requests_per_account = { burst = 1, per_minute = 0 }
requests_per_device = { burst = 1, per_minute = 0 }
requests_per_address = { burst = 1, per_minute = 0 }
blob_requests_per_account = { burst = 1, per_minute = 0 }
archive_requests_per_account = { burst = 1, per_minute = 0 }

[captcha]
enabled = false
`,
);
const profile = new Profile(join(folder, 'ada'), server.origin);

/**
 * Draws pictures, each with the small one that stands for it.
 * @param {Page} page
 * @param {string} to
 */
async function drawPictures(page, to) {
  mkdirSync(to);
  for (let number = 0; number < 6; number += 1) {
    const drawn = await page.evaluate(async (number) => {
      /** @param {number} width @param {number} height */
      const draw = async (width, height) => {
        const canvas = new OffscreenCanvas(width, height);
        const context = canvas.getContext('2d');
        if (!context) throw new Error('nothing can be drawn here');
        const sky = context.createLinearGradient(0, 0, 0, height);
        sky.addColorStop(0, `hsl(${200 + number * 25} 60% 70%)`);
        sky.addColorStop(0.6, `hsl(${30 + number * 15} 70% 80%)`);
        sky.addColorStop(1, `hsl(${180 + number * 10} 40% 35%)`);
        context.fillStyle = sky;
        context.fillRect(0, 0, width, height);
        for (let wave = 0; wave < 400; wave += 1) {
          context.fillStyle = `hsl(${170 + (wave % 60)} 40% ${30 + (wave % 40)}% / 50%)`;
          context.fillRect(
            ((wave * 97) % 100) * (width / 100),
            height * (0.6 + (wave % 40) / 100),
            width / 12,
            height / 90,
          );
        }
        const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 });
        return [...new Uint8Array(await blob.arrayBuffer())];
      };
      return { picture: await draw(1200, 800), thumbnail: await draw(240, 160) };
    }, number);
    writeFileSync(join(to, `${number}.jpg`), Buffer.from(drawn.picture));
    writeFileSync(join(to, `${number}.thumb.jpg`), Buffer.from(drawn.thumbnail));
  }
}

/** @param {Page} page */
async function memory(page) {
  const session = await page.context().newCDPSession(page);
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  const browser = await page.context().browser()?.newBrowserCDPSession();
  const processes = browser ? (await browser.send('SystemInfo.getProcessInfo')).processInfo : [];
  await browser?.detach();
  const renderers = processes.filter(({ type }) => type === 'renderer').map(({ id }) => resident(id));
  return `heap of the page ${(usedSize / MIB).toFixed(0)} MiB, renderer with the client's worker ${Math.max(...renderers).toFixed(0)} MiB resident`;
}

/** What a process has in memory, in MiB. @param {number} id */
function resident(id) {
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}

/**
 * How long something takes, in milliseconds.
 * @param {string} what
 * @param {() => Promise<unknown>} work
 */
async function timed(what, work) {
  const begun = performance.now();
  await work();
  console.log(`${what}: ${(performance.now() - begun).toFixed(0)} ms`);
}

/** The first drawn message of the open chat. @param {Page} page */
const firstMessage = (page) => page.locator('article[data-message]').first().waitFor();

/**
 * Scrolls the open chat, and measures the frames.
 * @param {Page} page
 * @param {number} by pixels a frame
 */
async function scroll(page, by) {
  const times = await page.evaluate(async ([by, count]) => {
    const list = document.querySelector('section[aria-label^="Messages"]');
    if (!list) throw new Error('no chat is open');
    const times = [];
    for (let frame = 0; frame < count; frame += 1) {
      times.push(await new Promise(requestAnimationFrame));
      list.scrollBy({ top: by, behavior: 'instant' });
    }
    return times;
  }, /** @type {const} */ ([by, SCROLLED]));
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const dropped = gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / FRAME) - 1), 0);
  const drawn = await page.locator('article[data-message]').count();
  console.log(
    `scrolled by ${by} pixels a frame: ${gaps.length} frames, ${dropped} dropped (${((100 * dropped) / (gaps.length + dropped)).toFixed(1)} %), ` +
      `the longest took ${Math.max(...gaps).toFixed(0)} ms; ${drawn} messages drawn at its end`,
  );
}

/**
 * Types into the search field, and waits until what was found is drawn. Gives how long that took after the pause for more to be typed, in
 * milliseconds.
 * @param {import('playwright-core').Locator} field
 * @param {string} sought
 */
async function searchFor(field, sought) {
  return await field.evaluate(async (field, [sought, pause]) => {
    if (!(field instanceof HTMLInputElement)) throw new TypeError('not the search field');
    const isShown = () => [...document.querySelectorAll('mark')].some((mark) => mark.textContent?.includes(sought));
    const begun = performance.now();
    field.value = `"${sought}"`;
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    while (!isShown()) await new Promise(requestAnimationFrame);
    return performance.now() - begun - pause;
  }, /** @type {const} */ ([sought, PAUSE]));
}

try {
  const drawing = await profile.start('/');
  await drawPictures(drawing, join(folder, 'pictures'));
  await profile.stop();
  await timed(`${MESSAGES} messages are written`, async () => {
    const written = new Program(conversationProgram(), [
      ...['--server', server.origin, '--password', PASSWORD],
      ...['--messages', String(MESSAGES), '--pictures', join(folder, 'pictures')],
    ]);
    await written.finish();
  });

  let page = await profile.start('/');
  const begun = performance.now();
  await logIn(page, 'ada', PASSWORD);
  await page.locator('a[href="/dm/grace"]').filter({ hasText: /\S/ }).first().waitFor();
  console.log(
    `login in a new browser, from the click to the chat's last message: ${(performance.now() - begun).toFixed(0)} ms`,
  );
  await openChat(page, 'grace');
  await firstMessage(page);
  console.log(`… to its messages: ${(performance.now() - begun).toFixed(0)} ms`);
  await page.getByText('Reading your earlier messages…').waitFor({ state: 'detached', timeout: 600_000 });
  console.log(`… to all of it being here: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  console.log(await memory(page));
  await profile.stop();

  page = await profile.start('/dm/grace');
  await page.waitForFunction(() => performance.getEntriesByName('sotto:messages').length > 0);
  const ready = await page.evaluate(() => performance.getEntriesByName('sotto:messages')[0]?.startTime);
  console.log(`browser just started, from the navigation to the chat's messages: ${ready?.toFixed(0)} ms`);
  await look(page, 'long-chat', firstMessage);
  console.log(await memory(page));

  await scroll(page, -40);
  await scroll(page, -400);
  await scroll(page, -4000);
  await look(page, 'long-chat-scrolled', firstMessage);
  console.log(await memory(page));

  await page.goto(`${server.origin}/search`);
  const field = page.getByRole('searchbox', { name: 'Search messages' });
  // Without its last digit, as not every message says its number.
  const sought = `No. ${Math.floor(MESSAGES / 20)}`;
  await field.waitFor();
  await timed('the first search, which reads all messages', async () => {
    await field.fill('"halb sieben am Steg"');
    await page.locator('mark').first().waitFor({ timeout: 300_000 });
  });
  await timed(`a search for “${sought}”, with the pause after typing`, async () => {
    await field.fill(`"${sought}"`);
    await page.locator('mark', { hasText: sought }).first().waitFor();
  });
  const times = [];
  for (let search = 1; search <= SEARCHES; search += 1) {
    times.push(await searchFor(field, `No. ${Math.floor((MESSAGES / 10) * (0.1 + (0.8 * search) / SEARCHES))}`));
  }
  times.sort((one, other) => one - other);
  console.log(
    `${SEARCHES} more searches, from the end of the pause to what was found being drawn: ` +
      `median ${times[Math.floor(SEARCHES / 2)]?.toFixed(0)} ms, the slowest ${times.at(-1)?.toFixed(0)} ms`,
  );
  await page.getByRole('searchbox', { name: 'Search messages' }).fill(`"${sought}"`);
  await page.locator('mark', { hasText: sought }).first().waitFor();
  await look(page, 'long-chat-search', (page) => page.locator('mark').first().waitFor());
  await timed('from what was found to the message in its chat', async () => {
    await page.locator('mark', { hasText: sought }).first().click();
    await page.locator('article[data-message]', { hasText: sought }).first().waitFor();
  });
  await look(page, 'long-chat-found', firstMessage);
  await timed('from there to the newest message', async () => {
    const down = page.getByRole('button', { name: /newest message|new message/i });
    await down.click();
    await down.waitFor({ state: 'detached' });
  });
  console.log(await memory(page));
  for (const complaint of profile.complaints) console.log(`what must not happen: ${complaint}`);
} finally {
  await profile.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
