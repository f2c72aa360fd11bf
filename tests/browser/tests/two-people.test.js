// Two people in browsers and one in a terminal, over the real server: they find each other and talk, through everything
// that networks, servers and browsers do to them. Each step begins where the one before ended.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Profile } from '../support/chromium.js';
import { Line } from '../support/line.js';
import { Native } from '../support/native.js';
import { temporaryFolder } from '../support/output.js';
import { allSent, find, go, hears, holds, logIn, openChat, register, say, texts, write } from '../support/person.js';
import { Server } from '../support/server.js';
import { traces } from '../support/traces.js';

const PASSWORDS = {
  alice: 'alice keeps seven grey herons',
  bob: 'bob paints the long fence blue',
  nora: 'nora counts the northern lights',
};

const SCRIPTS = [
  'Grüße aus Göteborg, çok güzel, Đà Nẵng',
  'Θα τα πούμε αύριο το πρωί',
  'Увидимся в субботу у озера',
  'أراك يوم السبت عند البحيرة، إن شاء الله',
  'נתראה בשבת ליד האגם',
  'मिलते हैं शनिवार को झील पर',
  'また土曜日に湖で会いましょう',
  '토요일에 호숫가에서 만나요',
  'พบกันวันเสาร์ที่ทะเลสาบ',
  '👩‍👩‍👧‍👦🏳️‍🌈 at the lake 🌊👍🏽🇸🇪',
  'first line\nsecond line\n\n\tand an indented one',
  '<b>not bold</b> & "quoted" {@html nothing}',
];

/** Exactly 64 KiB of UTF-8, with characters of every length, and different from place to place. */
const LONGEST = (() => {
  let text = '';
  for (let index = 0; Buffer.byteLength(text) < 65_400; index += 1) text += `${index}: aé漢🌊 across the lake\n`;
  return text + '.'.repeat(65_536 - Buffer.byteLength(text));
})();

const { folder, remove } = temporaryFolder();
/** @type {string[]} */
const written = [];
/** @type {string[]} */
const recoveryCodes = [];
/** @type {Server} */
let server;
/** @type {Line} */
let line;
/** @type {Profile} */
let aliceBrowser;
/** @type {Profile} */
let bobBrowser;
/** @type {Profile} */
let laptopBrowser;
/** @type {Native} */
let nora;
/** @type {import('playwright-core').Page} */
let alice;
/** @type {import('playwright-core').Page} */
let bob;

/** @param {string} text */
function noted(text) {
  if (Buffer.byteLength(text) >= 8) written.push(text);
  return text;
}

before(async () => {
  server = await Server.start(join(folder, 'server'));
  line = await Line.open(server.port);
  aliceBrowser = new Profile(join(folder, 'alice'), server.origin);
  bobBrowser = new Profile(join(folder, 'bob'), line.origin);
  laptopBrowser = new Profile(join(folder, 'laptop'), server.origin);
  nora = new Native(join(folder, 'nora'), server.origin, PASSWORDS.nora);
});

after(async () => {
  await Promise.allSettled([aliceBrowser?.stop(), bobBrowser?.stop(), laptopBrowser?.stop()]);
  line?.close();
  await server?.stop();
  remove();
});

test('each registers, by browser and by terminal', async () => {
  [alice, bob] = await Promise.all([aliceBrowser.start('/'), bobBrowser.start('/')]);
  const words = await Promise.all([register(alice, 'alice', PASSWORDS.alice), register(bob, 'bob', PASSWORDS.bob)]);
  recoveryCodes.push(...words.map((code) => code.join(' ')));
  await nora.does('register', 'nora');
});

test('one finds the other by name, and what is said arrives on both sides', async () => {
  await find(alice, 'bo', 'bob');
  await say(alice, noted('hello bob, this is alice'));
  await allSent(alice);

  // Whoever writes for the first time is not counted, and can be read before they are accepted.
  await go(bob, 'Chats');
  await openChat(bob, 'alice');
  await hears(bob, ['hello bob, this is alice']);
  assert.ok(!(await bob.title()).startsWith('('));
  await say(bob, noted('hello alice, this is bob'));
  await hears(alice, ['hello bob, this is alice', 'hello alice, this is bob']);

  await go(bob, 'Settings');
  await say(alice, noted('how is the fence, bob?'));
  await bob.waitForFunction(() => document.title.startsWith('(1) '));
  await go(bob, 'Chats');
  await openChat(bob, 'alice');
  await hears(bob, ['how is the fence, bob?']);
  await bob.waitForFunction(() => !document.title.startsWith('('));
});

test('every script arrives as it was written, in both directions', async () => {
  for (const text of SCRIPTS) {
    await say(alice, noted(text));
    await say(bob, noted(`${text} …and back`));
  }
  await Promise.all([allSent(alice), allSent(bob)]);
  const wanted = [...SCRIPTS, ...SCRIPTS.map((text) => `${text} …and back`)].sort();
  await holds(bob, wanted.length + 3);
  await holds(alice, wanted.length + 3);
  // One order for all, whatever crossed on the way.
  assert.deepEqual(await texts(alice), await texts(bob));
  assert.deepEqual((await texts(alice)).slice(3).sort(), wanted);
});

test('a message of 64 KiB arrives whole, and a longer one is refused before it is sent', async () => {
  assert.equal(Buffer.byteLength(LONGEST), 65_536);
  await say(alice, noted(LONGEST));
  await hears(bob, [LONGEST]);
  await write(alice, `${LONGEST}!`);
  await alice.getByText('the longest that can be sent has 64 KiB').waitFor();
  await alice.getByRole('textbox', { name: 'Message to bob' }).press('Enter');
  await write(alice, '');
  assert.equal((await texts(alice)).filter((text) => text.startsWith('0: a')).length, 1);
});

test('a terminal and a browser talk', async () => {
  const people = await nora.does('people', 'ali');
  assert.ok(
    people.some((line) => line.includes('alice')),
    people.join('\n'),
  );
  await nora.does('send', 'alice', noted('hello alice, from a terminal: Zażółć 🌲'));
  await openChat(alice, 'nora');
  await hears(alice, ['hello alice, from a terminal: Zażółć 🌲']);

  const talking = nora.run('chat', 'alice', '--follow');
  await talking.says((line) => line.includes('hello alice, from a terminal'));
  await say(alice, noted('hello nora, from a browser: جميل'));
  await talking.says((line) => line.endsWith('alice: hello nora, from a browser: جميل'));
  talking.type(noted('and that is how it goes'));
  await hears(alice, ['hello nora, from a browser: جميل', 'and that is how it goes']);
  await talking.stop('SIGINT');
});

test('who was cut off gets everything in order, and what was written meanwhile goes out', async () => {
  await openChat(alice, 'bob');
  line.cut();
  const meanwhile = Array.from({ length: 20 }, (_, index) => noted(`while you were away, number ${index + 1}`));
  for (const text of meanwhile) await say(alice, text);
  await allSent(alice);
  const queued = Array.from({ length: 3 }, (_, index) => noted(`written in the tunnel, number ${index + 1}`));
  for (const text of queued) await say(bob, text);
  await bob.getByText('Waiting to be sent').last().waitFor({ state: 'attached' });
  await bob
    .getByText(/^(Offline|Connecting)/)
    .first()
    .waitFor();

  line.mend();
  await allSent(bob);
  await hears(bob, [...meanwhile, ...queued]);
  await hears(alice, [...meanwhile, ...queued]);
});

test('a server that stops, and one that is killed, loses nothing', async () => {
  await server.stop();
  await say(alice, noted('said to a server that is not there'));
  await server.startAgain();
  await hears(bob, ['said to a server that is not there']);
  await say(bob, noted('accepted just before the crash'));
  await allSent(bob);
  await server.kill();
  await server.startAgain();
  await say(bob, noted('said after the crash'));
  await hears(alice, ['accepted just before the crash', 'said after the crash']);
  await allSent(alice);
});

test('a reload, and a new start of the browser, show the same history', async () => {
  const before = await texts(bob);
  await bob.reload();
  await hears(bob, before.slice(-2));
  assert.deepEqual(await texts(bob), before);
  await bobBrowser.stop();
  bob = await bobBrowser.start('/dm/alice');
  await hears(bob, before.slice(-2));
  assert.deepEqual(await texts(bob), before);
  await say(bob, noted('back after a restart'));
  await hears(alice, ['back after a restart']);
});

test('older pages come when one scrolls up', async () => {
  const all = await texts(bob);
  assert.equal(all[0], 'hello bob, this is alice');
  assert.equal(new Set(all).size, all.length, 'a message stands twice');
  assert.equal(all.at(-1), 'back after a restart');
});

test('a second tab shows the same, and takes over when the first one closes', async () => {
  const second = await aliceBrowser.tab('/dm/bob');
  await hears(second, ['back after a restart']);
  await say(second, noted('from the second tab'));
  await hears(alice, ['from the second tab']);
  await hears(bob, ['from the second tab']);

  await alice.close();
  alice = second;
  await say(bob, noted('are you still there?'));
  await hears(alice, ['are you still there?']);
  await say(alice, noted('yes, in the other tab'));
  await hears(bob, ['are you still there?', 'yes, in the other tab']);
});

test('a second browser of the same account joins the chats, and hears what is said from then on', async () => {
  const laptop = await laptopBrowser.start('/login');
  await logIn(laptop, 'alice', PASSWORDS.alice);
  await openChat(laptop, 'bob');
  await say(bob, noted('hello to both of your browsers'));
  await hears(laptop, ['hello to both of your browsers']);
  await hears(alice, ['hello to both of your browsers']);
  await say(laptop, noted('said on the new one'));
  await hears(bob, ['said on the new one']);
  await hears(alice, ['hello to both of your browsers', 'said on the new one']);
  await allSent(alice);
});

test('both see the same safety number', async () => {
  const numbers = [];
  for (const [page, name] of /** @type {const} */ ([
    [alice, 'bob'],
    [bob, 'alice'],
  ])) {
    await page.getByRole('button', { name: 'Safety number' }).click();
    const list = page.getByRole('list', { name: `Safety number with ${name}` });
    await list.waitFor();
    numbers.push((await list.getByRole('listitem').allTextContents()).join(' '));
    await page.getByRole('button', { name: 'Done' }).click();
  }
  assert.match(numbers[0] ?? '', /^(\d{5} ){11}\d{5}$/);
  assert.equal(numbers[0], numbers[1]);
});

test('nothing broke the policy of the pages, and nobody else was asked for anything', () => {
  assert.deepEqual([...aliceBrowser.complaints, ...bobBrowser.complaints, ...laptopBrowser.complaints], []);
});

test('the server has no trace of what was said, of a password or of a recovery code', async () => {
  // Before it stops, so that the write-ahead log is searched as well.
  const secrets = [...new Set([...written, ...Object.values(PASSWORDS), ...recoveryCodes])];
  const running = traces(server.folder, secrets);
  assert.ok(
    running.files.some((name) => name.endsWith('-wal')),
    running.files.join(', '),
  );
  assert.deepEqual(running.found, []);
  await server.stop();
  const stopped = traces(server.folder, secrets);
  for (const name of ['sotto.db', 'log-0.db', 'server.log']) {
    assert.ok(stopped.files.includes(name), `${name} was not searched: ${stopped.files.join(', ')}`);
  }
  assert.ok(stopped.bytes > 65_536, 'the database holds less than was sent');
  assert.deepEqual(stopped.found, []);
  // Names are public, but a log is no place for them.
  const log = readFileSync(server.log, 'utf8');
  assert.notEqual(log.trim(), '', 'the log is empty');
  assert.doesNotMatch(log, /\b(alice|bob|nora)\b/);
  await server.startAgain();
});
