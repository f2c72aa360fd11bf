// A large file from a browser to a terminal and from there to another browser, over connections that are cut ten times each way:
// whether the bytes are equal, how long it takes, and how much memory it costs at its highest. MIB says how large it is.
//
// Who drives a browser has it keep what goes over its lines. So while it sends and saves, nobody does.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { Profile } from '../support/chromium.js';
import { Line } from '../support/line.js';
import { Native } from '../support/native.js';
import { find, openChat, register, say } from '../support/person.js';
import { Program } from '../support/program.js';
import { chromiumProgram } from '../support/programs.js';
import { Server } from '../support/server.js';

/** @typedef {import('playwright-core').Page} Page */

const SIZE_MIB = Number(process.env.MIB ?? 1024);
const MIB = 1024 * 1024;
const CUTS = 10;
const PASSWORD = 'correct horse battery staple';

const folder = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'sotto-large-file-'));
const server = await Server.start(join(folder, 'server'), '');
const lines = { browser: await Line.open(server.port), native: await Line.open(server.port) };
const alice = new Profile(join(folder, 'alice'), lines.browser.origin);
const bob = new Native(join(folder, 'bob'), lines.native.origin, PASSWORD);

/** @param {string} path */
async function digest(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** @param {string} path */
function writeRandom(path) {
  const file = openSync(path, 'w');
  for (let written = 0; written < SIZE_MIB; written += 1) writeSync(file, randomBytes(MIB));
  closeSync(file);
}

/** What a process has in memory, in MiB. @param {number | undefined} id */
function resident(id) {
  try {
    const [, kib = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8')) ?? [];
    return Number(kib) / 1024;
  } catch {
    // It has ended.
    return 0;
  }
}

/**
 * Does something, and prints how long it took and how much memory was in use meanwhile.
 * @param {string} what
 * @param {Line} line
 * @param {() => Promise<number>} memory in MiB
 * @param {() => Promise<void>} work
 */
async function measured(what, line, memory, work) {
  line.cutEvery((SIZE_MIB * MIB) / (CUTS + 1), CUTS);
  const before = await memory();
  let most = before;
  const watch = setInterval(() => void memory().then((now) => (most = Math.max(most, now))), 100);
  const begun = performance.now();
  try {
    await work();
  } finally {
    clearInterval(watch);
  }
  const seconds = (performance.now() - begun) / 1000;
  console.log(
    `${what}: ${seconds.toFixed(1)} s, ${(SIZE_MIB / seconds).toFixed(1)} MiB/s, cut off ${line.cuts} times; ` +
      `memory ${before.toFixed(0)} MiB before, ${most.toFixed(0)} MiB at most`,
  );
}

/** What the tab of a running browser and the client's worker in it have in memory, in MiB. */
async function browserMemory() {
  const renderers = readdirSync('/proc').filter((entry) => {
    try {
      return /^\d+$/.test(entry) && readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes('--type=renderer');
    } catch {
      return false;
    }
  });
  return Math.max(0, ...renderers.map((id) => resident(Number(id))));
}

/**
 * Has the browser do something, and lets go of it.
 * @param {(page: Page) => Promise<void>} work
 */
async function unwatched(work) {
  const profile = join(folder, 'alice');
  const port = join(profile, 'DevToolsActivePort');
  rmSync(port, { force: true });
  const program = new Program(chromiumProgram(), [
    ...['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    ...['--remote-debugging-port=0', `--user-data-dir=${profile}`, `${lines.browser.origin}/dm/bob`],
  ]);
  while (!existsSync(port)) await new Promise((resolve) => setTimeout(resolve, 50));
  const [number] = readFileSync(port, 'utf8').split('\n');
  const driven = await chromium.connectOverCDP(`http://127.0.0.1:${number}`, { isLocal: true });
  const page = driven.contexts()[0]?.pages()[0];
  if (!page) throw new Error('the browser has no page');
  await work(page);
  await driven.close();
  return program;
}

/** Has the browser save files to a folder without asking. @param {string} downloads */
function savesTo(downloads) {
  mkdirSync(downloads);
  const path = join(folder, 'alice', 'Default', 'Preferences');
  const preferences = JSON.parse(readFileSync(path, 'utf8'));
  preferences.download = { default_directory: downloads, prompt_for_download: false };
  preferences.savefile = { default_directory: downloads };
  writeFileSync(path, JSON.stringify(preferences));
}

/**
 * Runs a command of the terminal until it has done what it is for: one that was cut off goes on where it was.
 * @param {...string} args
 */
async function does(...args) {
  for (let attempt = 0; attempt <= CUTS; attempt += 1) {
    running = bob.run(...args);
    running.endInput();
    const { code } = await running.ended;
    if (code === 0) return;
    console.log(`  the terminal ended with ${code}: ${running.errors.at(-1)}`);
  }
  throw new Error('the terminal did not come to an end');
}
/** @type {import('../support/program.js').Program | undefined} */
let running;
const nativeMemory = async () => resident(running?.id);

try {
  const [sent, received] = [join(folder, 'film.bin'), join(folder, 'received.bin')];
  writeRandom(sent);
  const wanted = await digest(sent);
  let page = await alice.start('/');
  await register(page, 'alice', PASSWORD);
  await bob.does('register', 'bob');
  await find(page, 'bo', 'bob');
  await say(page, 'here is the film');
  await bob.does('accept', 'alice');

  await alice.stop();
  const hearing = bob.run('chat', 'alice');
  const browser = await unwatched(async (page) => {
    await page.locator('input[type="file"]').setInputFiles(sent);
    const sheet = page.getByRole('dialog', { name: /^Send/ });
    await sheet.getByRole('button', { name: 'Send', exact: true }).click();
    await sheet.waitFor({ state: 'detached' });
  });
  await measured('sent by the browser', lines.browser, browserMemory, async () => {
    const isFile = (/** @type {string} */ line) => line.includes('film.bin');
    while (!hearing.lines.some(isFile)) await hearing.says(isFile).catch(() => undefined);
  });
  hearing.endInput();
  await Promise.all([hearing.ended, browser.stop()]);
  page = await alice.start('/');
  await measured('saved by the terminal', lines.native, nativeMemory, () => does('save', 'alice', '--to', received));
  assert.equal(await digest(received), wanted, 'the terminal has other bytes');

  await measured('sent by the terminal', lines.native, nativeMemory, () => does('send', 'alice', '--file', received));
  await openChat(page, 'bob');
  await page.getByRole('button', { name: 'Save received.bin' }).waitFor();
  await alice.stop();
  const downloads = join(folder, 'downloads');
  savesTo(downloads);
  const saved = join(downloads, 'received.bin');
  const saving = await unwatched(async (page) => {
    const save = page.getByRole('button', { name: 'Save received.bin' });
    // Once nobody drives the browser any more.
    await save.evaluate((button) => void setTimeout(() => /** @type {HTMLElement} */ (button).click(), 2_000));
  });
  await measured('saved by the browser', lines.browser, browserMemory, async () => {
    for await (const _ of watch(downloads)) if (existsSync(saved) && statSync(saved).size === SIZE_MIB * MIB) break;
  });
  await saving.stop();
  assert.equal(await digest(saved), wanted, 'the browser has other bytes');
  console.log('the bytes are equal on both sides');
  for (const complaint of alice.complaints) console.log(`what must not happen: ${complaint}`);
} finally {
  await alice.stop();
  for (const line of Object.values(lines)) line.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
