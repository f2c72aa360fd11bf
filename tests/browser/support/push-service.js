import assert from 'node:assert/strict';
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { fileURLToPath } from 'node:url';

/** A certificate for `localhost` that is trusted nowhere but in tests. */
const TLS = (/** @type {string} */ name) =>
  fileURLToPath(new URL(`../../../server/tests/edge/tls/${name}`, import.meta.url));

/** @typedef {{ headers: import('node:http').IncomingHttpHeaders, body: Buffer }} Pushed */

/**
 * A push service of the test's own, over TLS, and the browser's side of its one subscription: it can open what comes.
 */
export class PushService {
  /** @type {Pushed[]} */
  #pushed = [];
  #heard = new EventEmitter();
  #isClosed = false;
  #port = 0;
  #listener;
  #key = createECDH('prime256v1');
  #auth = randomBytes(16);

  constructor() {
    this.#key.generateKeys();
    const tls = { cert: readFileSync(TLS('first.crt')), key: readFileSync(TLS('first.key')) };
    this.#listener = createServer(tls, (request, response) => {
      /** @type {Buffer[]} */
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        this.#pushed.push({ headers: request.headers, body: Buffer.concat(parts) });
        response.writeHead(201).end();
        this.#heard.emit('heard');
      });
    });
  }

  static async start() {
    const service = new PushService();
    service.#listener.listen(0, '127.0.0.1');
    await once(service.#listener, 'listening');
    const address = service.#listener.address();
    if (address === null || typeof address === 'string') throw new Error('the push service has no port');
    service.#port = address.port;
    return service;
  }

  get origin() {
    return `https://localhost:${this.#port}`;
  }

  /** What lets a server send here, as TOML: in a moment, and again a second later. */
  get configuration() {
    return [
      '[push]',
      'contact = "mailto:operator@example.org"',
      `hosts = [${JSON.stringify(new URL(this.origin).host)}]`,
      'allow_private_addresses = true',
      `certificates = ${JSON.stringify(TLS('first.crt'))}`,
      'interval_seconds = 1',
      '',
    ].join('\n');
  }

  /** The subscription as a page is given it. */
  get subscription() {
    return {
      endpoint: `${this.origin}/one`,
      p256dh: [...this.#key.getPublicKey()],
      auth: [...this.#auth],
    };
  }

  /** The wake-ups, as they come, until the push service is closed: what each says, and by which key its sender has signed it. */
  async *[Symbol.asyncIterator]() {
    for (;;) {
      const pushed = this.#pushed.shift();
      if (pushed) yield this.#read(pushed);
      else if (this.#isClosed) return;
      else await once(this.#heard, 'heard');
    }
  }

  close() {
    this.#isClosed = true;
    this.#heard.emit('heard');
    this.#listener.close();
    this.#listener.closeAllConnections();
  }

  /** @param {Pushed} pushed */
  #read({ headers, body }) {
    assert.equal(headers['content-encoding'], 'aes128gcm');
    return { text: this.#open(body), length: body.length, sender: sender(headers.authorization ?? '', this.origin) };
  }

  /**
   * Opens a body (RFC 8291): one record of `aes128gcm` (RFC 8188), without its padding.
   * @param {Buffer} body
   */
  #open(body) {
    const salt = body.subarray(0, 16);
    const length = body.readUInt8(20);
    const theirs = body.subarray(21, 21 + length);
    const sealed = body.subarray(21 + length);
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.#key.getPublicKey(), theirs]);
    const input = hkdfSync('sha256', this.#key.computeSecret(theirs), this.#auth, info, 32);
    const derive = (/** @type {string} */ label, /** @type {number} */ bytes) =>
      Buffer.from(hkdfSync('sha256', Buffer.from(input), salt, `Content-Encoding: ${label}\0`, bytes));
    const cipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
    cipher.setAuthTag(sealed.subarray(-16));
    const padded = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
    const end = padded.findLastIndex((byte) => byte !== 0);
    assert.equal(padded[end], 2, 'the last record');
    return padded.subarray(0, end);
  }
}

/**
 * Verifies the token of a request (RFC 8292), and gives the public key of whoever has signed it.
 * @param {string} authorization
 * @param {string} audience
 */
function sender(authorization, audience) {
  const [, token = '', encoded = ''] = /^vapid t=([^,]+), k=(\S+)$/.exec(authorization) ?? [];
  const [header = '', claims = '', signature = ''] = token.split('.');
  const key = Buffer.from(encoded, 'base64url');
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: key.subarray(1, 33).toString('base64url'),
    y: key.subarray(33).toString('base64url'),
  };
  const isSigned = verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  assert.ok(isSigned, 'the token is signed by the key beside it');
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  assert.equal(aud, audience);
  assert.equal(sub, 'mailto:operator@example.org');
  const seconds = exp - Date.now() / 1000;
  assert.ok(seconds > 0 && seconds <= 24 * 60 * 60, 'a token is good for a day at most');
  return [...key];
}

/**
 * Has pages believe that the browser's push service is the test's: Chromium's own is its maker's. To be called in the page, before
 * anything else.
 * @param {{ endpoint: string, p256dh: number[], auth: number[] }} subscription
 */
export function pretend({ endpoint, p256dh, auth }) {
  const KEY = 'test.subscribed-with';
  /** @param {number[]} key */
  const made = (key) => ({
    endpoint,
    expirationTime: null,
    options: { userVisibleOnly: true, applicationServerKey: new Uint8Array(key).buffer },
    getKey: (/** @type {string} */ name) => new Uint8Array(name === 'auth' ? auth : p256dh).buffer,
    unsubscribe: async () => {
      localStorage.removeItem(KEY);
      return true;
    },
  });
  if (!('PushManager' in globalThis)) return;
  Object.assign(PushManager.prototype, {
    /** @param {{ applicationServerKey: Uint8Array }} options */
    async subscribe({ applicationServerKey }) {
      const key = [...applicationServerKey];
      localStorage.setItem(KEY, JSON.stringify(key));
      return made(key);
    },
    async getSubscription() {
      const key = localStorage.getItem(KEY);
      return key === null ? null : made(JSON.parse(key));
    },
  });
}
