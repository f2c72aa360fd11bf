// What jsdom cannot do: pictures that are decoded and drawn, videos, microphones, and the service worker, in Chromium, over the fake
// client and under the server's policy.

import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { axe, DESKTOP, launch, openScene, PHONE, serve } from './built.js';

let origin;
let stop;
let browser;

before(async () => {
  ({ origin, stop } = await serve());
  browser = await launch();
});

after(async () => {
  await browser?.close();
  stop?.();
});

/** A chat with bob, in a profile of its own. */
async function chat(scene = 'quiet', path = '/dm/bea', options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const opened = await openScene(context, origin, scene, path);
  return { context, ...opened };
}

/** Ends it, and says what must not have happened. */
async function close({ context, complaints }) {
  await context.close();
  assert.deepEqual(complaints, []);
}

/** Chooses files as the file picker gives them. */
const choose = (page, files) => page.locator('input[data-attach]').setInputFiles(files);
const sheet = (page) => page.getByRole('dialog', { name: /^Send (a file|\d+ files)$/ });
const sendButton = (page) => sheet(page).getByRole('button', { name: /^Send( \d+ files)?$/ });

/** What the client was given, the last last. */
const given = (page) =>
  page.evaluate(async () => {
    const [{ chat }] = await globalThis.fake.chats();
    const messages = await globalThis.fake.messages(chat, 50);
    return Promise.all(
      messages
        .flatMap(({ id, body }) => (body.kind === 'file' ? [{ id, ...body }] : []))
        .map(async ({ id, file, caption }) => {
          const content = await globalThis.fake.readFile(chat, id);
          const { thumbnail, waveform, ...rest } = file;
          const drawn = thumbnail && (await createImageBitmap(new Blob([thumbnail])));
          const bytes = new Uint8Array(await content.arrayBuffer());
          return {
            ...rest,
            caption,
            waveform: waveform && [...waveform],
            thumbnail: thumbnail && { bytes: thumbnail.length, width: drawn.width, height: drawn.height },
            head: String.fromCharCode(...bytes.subarray(0, 4)),
            hasExif: new TextDecoder('latin1').decode(bytes).includes('Exif'),
          };
        }),
    );
  });

async function sent(page, files) {
  await choose(page, files);
  await sendButton(page).click();
  await sheet(page).waitFor({ state: 'detached' });
  return given(page);
}

/** Noise, so that it does not compress: 1200 by 800. */
const noise = (page, type) =>
  page
    .evaluate(async (type) => {
      const canvas = new OffscreenCanvas(1200, 800);
      const context = canvas.getContext('2d');
      const image = context.createImageData(1200, 800);
      for (let at = 0; at < image.data.length; at += 1) image.data[at] = at % 4 === 3 ? 255 : (at * 2654435761) >>> 24;
      context.putImageData(image, 0, 0);
      return [...new Uint8Array(await (await canvas.convertToBlob({ type, quality: 0.9 })).arrayBuffer())];
    }, type)
    .then((bytes) => Buffer.from(bytes));

/** The JPEG with an Exif segment that says that it lies on its side. */
function turned(jpeg) {
  const exif = Buffer.from(
    '457869660000' + '4d4d002a00000008' + '0001' + '0112000300000001' + '00060000' + '00000000',
    'hex',
  );
  const segment = Buffer.concat([Buffer.from([0xff, 0xe1, 0, exif.length + 2]), exif]);
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}

/** A bitmap of 24 bits a pixel. */
function bmp(width, height) {
  const row = Math.ceil((width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + row * height, 0x80);
  file.write('BM', 0);
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(0, 6);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  file.fill(0, 30, 54);
  return file;
}

/** A GIF of one pixel, shown so many times. */
function gif(images) {
  const image = '2c00000000010001000002024401' + '00';
  return Buffer.from(`474946383961010001008001000000ffffffff${image.repeat(images)}3b`, 'hex');
}

test('a photograph is sent as it is, turned as it is to be seen, with a thumbnail that is small enough', async () => {
  const at = await chat();
  const jpeg = turned(await noise(at.page, 'image/jpeg'));
  const [file] = await sent(at.page, { name: 'holiday.jpg', mimeType: 'image/jpeg', buffer: jpeg });
  assert.equal(file.mediaType, 'image/jpeg');
  assert.deepEqual([file.width, file.height], [800, 1200]);
  assert.equal(file.size, jpeg.length);
  assert.ok(file.thumbnail.bytes <= 24 * 1024, `${file.thumbnail.bytes}`);
  assert.ok(Math.max(file.thumbnail.width, file.thumbnail.height) <= 480);
  assert.ok(file.thumbnail.height > file.thumbnail.width);
  await close(at);
});

test('what the client cannot clean is drawn anew, and said plainly if that cannot be', async () => {
  const at = await chat();
  const [drawn] = await sent(at.page, { name: 'scan.bmp', mimeType: 'image/bmp', buffer: bmp(300, 200) });
  assert.deepEqual([drawn.name, drawn.mediaType, drawn.head], ['scan.jpg', 'image/jpeg', '\xff\xd8\xff\xe0']);
  assert.deepEqual([drawn.width, drawn.height], [300, 200]);
  const [, still] = await sent(at.page, { name: 'dot.gif', mimeType: 'image/gif', buffer: gif(1) });
  assert.match(still.mediaType, /^image\/(png|jpeg)$/);

  const heic = Buffer.concat([Buffer.from('0000001866747970686569630000000068656963', 'hex'), Buffer.alloc(400, 7)]);
  await choose(at.page, { name: 'IMG_1.HEIC', mimeType: 'image/heic', buffer: heic });
  await sheet(at.page)
    .getByText(/cannot read this picture.*where it was taken/)
    .waitFor();
  await sendButton(at.page).click();
  await sheet(at.page).waitFor({ state: 'detached' });
  const unread = (await given(at.page)).at(-1);
  assert.deepEqual(
    [unread.name, unread.mediaType, unread.size],
    ['IMG_1.HEIC', 'application/octet-stream', heic.length],
  );
  await close(at);
});

test('an animated GIF is sent as it is, and a drawing with programs in it is never shown', async () => {
  const at = await chat();
  await choose(at.page, [
    { name: 'cat.gif', mimeType: 'image/gif', buffer: gif(2) },
    { name: 'plan.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') },
  ]);
  await sheet(at.page)
    .getByText(/An animated GIF is sent as it is/)
    .waitFor();
  await sheet(at.page)
    .getByText(/\(SVG\) can contain programs/)
    .waitFor();
  await sendButton(at.page).click();
  await sheet(at.page).waitFor({ state: 'detached' });
  const [moving, drawing] = await given(at.page);
  assert.deepEqual([moving.mediaType, moving.size, moving.head], ['image/gif', gif(2).length, 'GIF8']);
  assert.equal(drawing.mediaType, 'image/svg+xml');
  await at.page.getByRole('button', { name: 'Save plan.svg' }).waitFor();
  assert.equal(await at.page.locator('[data-message] img:not([src^="blob:"]), object, embed, iframe').count(), 0);
  await close(at);
});

test('a video gets its size, its length and an early frame', async () => {
  const at = await chat('files', '/dm/carol');
  const film = await at.page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [320, 180];
    const context = canvas.getContext('2d');
    const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: 'video/webm' });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.start();
    for (let frame = 0; frame < 30; frame += 1) {
      context.fillStyle = `hsl(${frame * 12} 80% 50%)`;
      context.fillRect(0, 0, 320, 180);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    recorder.stop();
    await stopped;
    return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
  });
  const all = await sent(at.page, { name: 'film.webm', mimeType: 'video/webm', buffer: Buffer.from(film) });
  const file = all.find(({ name }) => name === 'film.webm');
  assert.deepEqual([file.mediaType, file.width, file.height], ['video/webm', 320, 180]);
  assert.ok(file.duration > 500 && file.duration < 10_000, `${file.duration}`);
  assert.deepEqual([file.thumbnail.width, file.thumbnail.height], [320, 180]);
  await close(at);
});

test('a voice message is recorded, listened to and sent with its waveform, and the microphone is let go', async () => {
  const at = await chat();
  const { page } = at;
  await page.evaluate(() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (asked) => (globalThis.microphone = await open(asked));
  });
  const isOff = () =>
    page.evaluate(() => globalThis.microphone.getTracks().every((track) => track.readyState === 'ended'));
  const box = await page.getByRole('button', { name: 'Record a voice message' }).boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await page.getByRole('timer').filter({ hasText: '0:02' }).waitFor();
  assert.equal(await isOff(), false);
  await page.getByRole('button', { name: 'End the recording' }).click();
  await page.getByRole('button', { name: 'Play your voice message' }).click();
  await page.getByRole('button', { name: 'Pause your voice message' }).waitFor();
  assert.equal(await isOff(), true);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByRole('button', { name: 'Play voice message' }).waitFor();
  const [file] = await given(page);
  assert.equal(file.isVoice, true);
  assert.match(file.mediaType, /^audio\/(mp4|webm|ogg)$/);
  assert.ok(file.duration > 1500 && file.duration < 10_000, `${file.duration}`);
  assert.equal(file.waveform.length, 64);
  assert.equal(Math.max(...file.waveform), 255);
  // It can be played to its end, and from a place in it.
  await page.getByRole('slider', { name: 'Place in voice message' }).fill('1000');
  await page.getByRole('button', { name: 'Play voice message' }).click();
  await page.getByRole('button', { name: 'Pause voice message' }).waitFor();
  await page.getByRole('button', { name: 'Play voice message' }).waitFor();
  await close(at);
});

test('a voice message is recorded while the button is held, and thrown away with Escape', async () => {
  const at = await chat();
  const { page } = at;
  const box = await page.getByRole('button', { name: 'Record a voice message' }).boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.getByRole('timer').filter({ hasText: '0:01' }).waitFor();
  await page.mouse.up();
  await page.getByRole('button', { name: 'Play your voice message' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Record a voice message' }).waitFor();
  await page.waitForFunction(() => document.activeElement instanceof HTMLTextAreaElement);
  assert.deepEqual(await page.evaluate(async () => (await globalThis.fake.chats()).length), 0);
  await close(at);
});

/** Waits until the service worker answers for the page. */
const served = (page) => page.waitForFunction(() => navigator.serviceWorker.controller !== null);

const pathOf = (page, name) =>
  page.evaluate(async (name) => {
    const [{ chat }] = await globalThis.fake.chats();
    const messages = await globalThis.fake.messages(chat, 200);
    const found = messages.find(({ body }) => body.kind === 'file' && body.file.name === name);
    return `/file/${chat}/${found.id}/${encodeURIComponent(name)}`;
  }, name);

const get = (page, path, range) =>
  page.evaluate(
    async ([path, range]) => {
      const answer = await fetch(path, range ? { headers: { range } } : {});
      const bytes = new Uint8Array(await answer.arrayBuffer());
      return {
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        text: new TextDecoder('latin1').decode(bytes),
      };
    },
    [path, range],
  );

test('the service worker answers with a file, and with ranges of it, as something that cannot run', async () => {
  const at = await chat('files', '/dm/carol');
  const { page } = at;
  await served(page);
  await page.getByRole('button', { name: 'Save page.html' }).waitFor();
  const path = await pathOf(page, 'page.html');
  const whole = '<script>document.title = "it ran"</script>';
  const all = await get(page, path);
  assert.deepEqual([all.status, all.text], [200, whole]);
  assert.equal(all.headers['content-type'], 'application/octet-stream');
  assert.equal(all.headers['x-content-type-options'], 'nosniff');
  assert.match(all.headers['content-security-policy'], /sandbox/);
  const part = await get(page, path, 'bytes=1-6');
  assert.deepEqual(
    [part.status, part.text, part.headers['content-range']],
    [206, 'script', `bytes 1-6/${whole.length}`],
  );
  const last = await get(page, path, 'bytes=-3');
  assert.deepEqual([last.status, last.text], [206, 'pt>']);
  const beyond = await get(page, path, 'bytes=1000-');
  assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, `bytes */${whole.length}`]);
  const none = await get(page, '/file/no-chat/no-message/a');
  assert.equal(none.status, 404);

  // Opened as a page it is saved, and nothing of it runs here.
  const tab = await at.context.newPage();
  const saving = tab.waitForEvent('download');
  await tab.goto(`${origin}${path}`).catch(() => undefined);
  assert.equal((await saving).suggestedFilename(), 'page.html');
  assert.notEqual(await tab.title(), 'it ran');
  await close(at);
});

test('a video plays while it is loaded, by ranges', async () => {
  const at = await chat('files', '/dm/carol');
  const { page } = at;
  await served(page);
  await page.getByRole('button', { name: /^Play Video: We nearly made it/ }).click();
  await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 0.2);
  assert.match(await page.locator('video').getAttribute('src'), /^\/file\//);
  await close(at);
});

test('a file is saved under its name, whole, and one of a gigabyte in pieces of 4 MiB, one after the other', async () => {
  const at = await chat('files', '/dm/carol');
  const { page } = at;
  await served(page);
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save Itinerary, second try (final).pdf' }).click();
  const saved = await saving;
  assert.equal(saved.suggestedFilename(), 'Itinerary, second try (final).pdf');
  assert.equal(await readFile(await saved.path(), 'utf8'), '%PDF-1.7');
  // The page is where it was.
  assert.equal(new URL(page.url()).pathname, '/dm/carol');

  const SIZE = 1024 ** 3;
  await page.evaluate((size) => {
    const piece = new Uint8Array(4 * 1024 * 1024).fill(42);
    globalThis.asked = { most: 0, atOnce: 0, open: 0 };
    globalThis.fake.readFilePart = async (_chat, _message, start, end) => {
      const { asked } = globalThis;
      asked.most = Math.max(asked.most, end - start);
      asked.open += 1;
      asked.atOnce = Math.max(asked.atOnce, asked.open);
      await new Promise((resolve) => setTimeout(resolve));
      asked.open -= 1;
      return piece.slice(0, end - start);
    };
    globalThis.fake.filed('carol', { name: 'large.bin', size }, new Blob(['']));
  }, SIZE);
  const large = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save large.bin' }).click();
  const download = await large;
  await download.path();
  assert.equal(await download.failure(), null);
  const { size } = await stat(await download.path());
  assert.equal(size, SIZE);
  assert.deepEqual(await page.evaluate(() => globalThis.asked), { most: 4 * 1024 * 1024, atOnce: 1, open: 0 });
  await close(at);
});

test('without a service worker small files are shown and saved, and of large ones it is said that they cannot be', async () => {
  const at = await chat('files', '/dm/carol', { serviceWorkers: 'block' });
  const { page } = at;
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save Itinerary, second try (final).pdf' }).click();
  assert.equal((await saving).suggestedFilename(), 'Itinerary, second try (final).pdf');
  await page.evaluate(() => globalThis.fake.filed('carol', { name: 'large.bin', size: 10 ** 9 }, new Blob([''])));
  await page.getByRole('button', { name: 'Save large.bin' }).click();
  await page.getByText(/too large to be saved from this window/).waitFor();
  await at.context.close();
});

test('a picture fills the window, the next one comes by key, and the focus goes back', async () => {
  const at = await chat('files', '/dm/carol');
  const { page } = at;
  const picture = page.getByRole('button', { name: /^Show Picture: The lake at six/ });
  await picture.click();
  const viewer = page.getByRole('dialog', { name: /carol/ });
  await viewer.locator('img[src^="blob:"]').waitFor();
  await page.keyboard.press('+');
  await page.waitForFunction(() => document.querySelector('dialog .picture')?.style.transform.includes('scale(1.4)'));
  await page.keyboard.press('0');
  await page.keyboard.press('ArrowRight');
  await page.getByRole('dialog', { name: /You/ }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.ok(await picture.evaluate((button) => button === document.activeElement));
  await close(at);
});

test('what is shown of files can be read and reached by everybody, small and large, light and dark', async () => {
  for (const colorScheme of ['light', 'dark']) {
    for (const viewport of [PHONE, DESKTOP]) {
      const at = await chat('files', '/dm/carol', { colorScheme, viewport, reducedMotion: 'reduce' });
      const { page } = at;
      const look = async (name) => assert.deepEqual(await axe(page), [], `${name}, ${viewport.width}, ${colorScheme}`);
      await page.getByText('Choose the file again…').first().waitFor();
      await look('the chat');
      await page.getByRole('button', { name: /^Show Picture: The lake at six/ }).click();
      await page.getByRole('dialog').locator('img[src^="blob:"]').last().waitFor();
      await look('a picture');
      // Nothing is wider than the window.
      assert.equal(await page.getByRole('dialog').evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth), 0);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Pictures and videos' }).click();
      await page.getByRole('button', { name: /^Show Video/ }).waitFor();
      await look('all pictures');
      await page.keyboard.press('Escape');
      await choose(page, [
        {
          name: 'plan.svg',
          mimeType: 'image/svg+xml',
          buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
        },
        { name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) },
      ]);
      await sheet(page).getByText('This file is empty').waitFor();
      await look('what is about to be sent');
      await page.keyboard.press('Escape');
      await sheet(page).waitFor({ state: 'detached' });
      await close(at);
    }
  }
});

test('pictures that are pasted or dropped are looked at before they are sent', async () => {
  const at = await chat();
  const { page } = at;
  const png = [...(await noise(page, 'image/png'))];
  const put = (kind) =>
    page.evaluate(
      ([kind, bytes]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], 'image.png', { type: 'image/png' }));
        if (kind === 'paste') {
          document
            .querySelector('textarea')
            .dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
        } else {
          const event = (type) => new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
          const place = document.querySelector('main header');
          for (const type of ['dragenter', 'dragover', 'drop']) place.dispatchEvent(event(type));
        }
      },
      [kind, png],
    );
  await page.getByRole('textbox', { name: 'Message to Bea Okafor' }).focus();
  await put('paste');
  await sheet(page).getByText('PNG', { exact: false }).first().waitFor();
  await sheet(page).getByRole('button', { name: 'Cancel' }).click();
  await sheet(page).waitFor({ state: 'detached' });
  // Where it was.
  await page.waitForFunction(() => document.activeElement instanceof HTMLTextAreaElement);
  await put('drop');
  await sheet(page).getByText('1200 × 800').waitFor();
  await close(at);
});
