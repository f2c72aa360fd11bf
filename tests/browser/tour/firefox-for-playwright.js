#!/usr/bin/env node
// Firefox as Playwright expects it. Both speak WebDriver BiDi, but Firefox's ESR does not know all of it yet. This stands between them,
// passes on what they say, and helps where they do not understand each other:
// - Playwright asks for a light or a dark page (`emulation.setMediaFeaturesOverride`): the preference that does the same is set;
// - Playwright knows a download by an id, which Firefox gives it only if it began as a navigation: the address is one as well.
// Once the ESR knows both, Playwright can start Firefox itself.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { WebSocket, WebSocketServer } from 'ws';

const MEDIA = 'emulation.setMediaFeaturesOverride';
const LISTENING = /^WebDriver BiDi listening on (ws:\/\/.*)$/;
/** What the preference calls them; 2 asks the system. */
const SCHEMES = { dark: 0, light: 1 };

/**
 * @typedef {{ id?: number, method?: string, params?: any, result?: any, type?: string, error?: string }} Message
 */

/**
 * Gives a download an id, if the message is about one that has none.
 * @param {Message} message
 */
function named(message) {
  const { method, params } = message;
  if (!method?.startsWith('browsingContext.download') || params.download || params.navigation) return message;
  return { ...message, params: { ...params, download: params.url } };
}

/** The commands that this sends on its own, with numbers that Playwright does not use. */
class Own {
  /** @type {Map<number, (answer: Message) => void>} */
  #waiting = new Map();
  #last = 1_000_000_000;
  #firefox;

  /** @param {WebSocket} firefox */
  constructor(firefox) {
    this.#firefox = firefox;
  }

  /**
   * @param {string} method
   * @param {object} params
   * @returns {Promise<any>}
   */
  async send(method, params) {
    const id = (this.#last += 1);
    const answered = new Promise((resolve) => this.#waiting.set(id, resolve));
    this.#firefox.send(JSON.stringify({ id, method, params }));
    const answer = await answered;
    if (answer.type === 'error') throw new Error(`${method}: ${answer.error}`);
    return answer.result;
  }

  /** Whether the message answers a command of this. @param {Message} message */
  takes(message) {
    const waiting = message.id === undefined ? undefined : this.#waiting.get(message.id);
    if (message.id === undefined || !waiting) return false;
    this.#waiting.delete(message.id);
    waiting(message);
    return true;
  }

  /**
   * Chooses what every page is told that its reader prefers.
   * @param {keyof typeof SCHEMES | null | undefined} scheme
   */
  async prefer(scheme) {
    const { contexts } = await this.send('browsingContext.getTree', { 'moz:scope': 'chrome', maxDepth: 0 });
    const preference = 'layout.css.prefers-color-scheme.content-override';
    const { type, exceptionDetails } = await this.send('script.evaluate', {
      expression: `Services.prefs.setIntPref('${preference}', ${scheme ? SCHEMES[scheme] : 2})`,
      target: { context: contexts[0].context },
      awaitPromise: false,
    });
    if (type === 'exception') throw new Error(exceptionDetails.text);
  }
}

/**
 * @param {WebSocket} playwright
 * @param {string} address Firefox's
 */
function between(playwright, address) {
  const firefox = new WebSocket(address, { perMessageDeflate: false, maxPayload: 0 });
  const own = new Own(firefox);
  /** What Playwright said before Firefox was there. @type {string[]} */
  const early = [];
  firefox.on('open', () => early.splice(0).forEach((text) => firefox.send(text)));
  firefox.on('message', (data) => {
    const message = JSON.parse(data.toString());
    if (!own.takes(message)) playwright.send(JSON.stringify(named(message)));
  });
  playwright.on('message', (data) => {
    const text = data.toString();
    const { id, method, params } = JSON.parse(text);
    if (method !== MEDIA) {
      if (firefox.readyState === WebSocket.OPEN) firefox.send(text);
      else early.push(text);
      return;
    }
    own.prefer(params.features['prefers-color-scheme']).then(
      () => playwright.send(JSON.stringify({ id, type: 'success', result: {} })),
      (error) => playwright.send(JSON.stringify({ id, type: 'error', error: 'unknown error', message: String(error) })),
    );
  });
  firefox.on('close', () => playwright.close());
  firefox.on('error', () => playwright.close());
  playwright.on('close', () => firefox.close());
}

const program = process.env['FIREFOX'] ?? '/usr/bin/firefox-esr';
const firefox = spawn(program, [...process.argv.slice(2), '--remote-allow-system-access'], {
  stdio: ['ignore', 'inherit', 'pipe'],
});
firefox.on('exit', (code) => process.exit(code ?? 1));
for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP'])) {
  process.on(signal, () => firefox.kill(signal));
}
createInterface({ input: firefox.stderr }).on('line', (line) => {
  const address = LISTENING.exec(line)?.[1];
  if (!address) {
    console.error(line);
    return;
  }
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, maxPayload: 0 });
  server.on('connection', (socket, request) => between(socket, address + (request.url ?? '')));
  server.on('listening', () => {
    const own = server.address();
    if (own !== null && typeof own === 'object') {
      console.error(`WebDriver BiDi listening on ws://127.0.0.1:${own.port}`);
    }
  });
});
