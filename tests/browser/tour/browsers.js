import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, firefox } from 'playwright-core';
import { chromiumProgram } from '../support/programs.js';
import { DESKTOP } from '../support/chromium.js';

/**
 * @typedef {import('playwright-core').BrowserContext} BrowserContext
 * @typedef {keyof typeof BROWSERS} BrowserName
 */

/** Where everybody of the tour is, more or less. */
const BREGENZ = { latitude: 47.5, longitude: 9.74 };
/** How long a step may take that stretches a password without optimisation. */
const PATIENCE = 120_000;

/** The style that Playwright tries to put into a page before it takes a picture. The policy of the pages forbids it, as it has to. */
const PLAYWRIGHTS_STYLE = createHash('sha256').update('body {}').digest('base64');

const OPTIONS = /** @type {const} */ ({
  viewport: DESKTOP,
  locale: 'en-GB',
  colorScheme: 'light',
  serviceWorkers: 'allow',
  handleSIGINT: false,
  handleSIGTERM: false,
});

/** How each browser is started with a profile in a folder. */
export const BROWSERS = {
  /** @param {string} folder */
  chromium: (folder) =>
    chromium.launchPersistentContext(folder, {
      ...OPTIONS,
      reducedMotion: 'reduce',
      executablePath: chromiumProgram(),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    }),
  /** @param {string} folder */
  firefox: (folder) =>
    firefox.launchPersistentContext(folder, {
      ...OPTIONS,
      // Debian's own, over WebDriver BiDi.
      channel: 'moz-firefox',
      executablePath: fileURLToPath(new URL('firefox-for-playwright.js', import.meta.url)),
      // Without a window its scrollbars are white stripes, whatever the page looks like; these lie over the page, and are not drawn.
      firefoxUserPrefs: { 'ui.prefersReducedMotion': 1, 'ui.useOverlayScrollbars': 1 },
    }),
};

/**
 * @param {BrowserName} browser
 * @param {string} folder
 * @param {string} origin
 */
async function open(browser, folder, origin) {
  const context = await BROWSERS[browser](folder);
  context.setDefaultTimeout(PATIENCE);
  await context.grantPermissions(['geolocation', 'notifications'], { origin });
  await context.setGeolocation(BREGENZ);
  return { context, page: context.pages()[0] ?? (await context.newPage()) };
}

/** Somebody who goes through the app with a browser of their own, and what went wrong there. */
export class Visitor {
  /** What must not happen: errors in the console, answers that blame the server, requests that came to nothing or went to strangers. */
  /** @type {string[]} */
  faults = [];
  /** Whether the server lets them in no more: that it refuses the connection is right then, and browsers tell of it as of an error. */
  isPutOut = false;

  /**
   * @param {BrowserName} browser
   * @param {string} folder of the profile
   * @param {string} origin
   * @param {string} name
   * @param {BrowserContext} context
   * @param {import('playwright-core').Page} page
   */
  constructor(browser, folder, origin, name, context, page) {
    this.browser = browser;
    this.folder = folder;
    this.origin = origin;
    this.name = name;
    this.context = context;
    this.page = page;
    this.#watch();
  }

  /**
   * @param {BrowserName} browser
   * @param {string} folder
   * @param {string} origin
   * @param {string} name
   */
  static async arrives(browser, folder, origin, name) {
    mkdirSync(folder, { recursive: true });
    const { context, page } = await open(browser, folder, origin);
    return new Visitor(browser, folder, origin, name, context, page);
  }

  /** Closes the browser, and opens it again with the same profile: `page` is another one then. */
  async comesBack() {
    await this.leaves();
    ({ context: this.context, page: this.page } = await open(this.browser, this.folder, this.origin));
    this.#watch();
  }

  /** Types an address. @param {string} path */
  async visits(path) {
    await this.page.goto(new URL(path, this.origin).href);
  }

  #watch() {
    const { context, origin } = this;
    context.on('weberror', (error) => this.#noteAt(error.page(), `uncaught: ${error.error()}`));
    context.on('console', (message) => {
      if (message.type() !== 'error') return;
      // An answer that blames the asker is no fault in itself: the page says what it means. (Chromium tells of each in its console.)
      if (/^Failed to load resource: the server responded with a status of 4\d\d/.test(message.text())) return;
      this.#noteAt(message.page(), `console: ${message.text()}`);
    });
    context.on('response', (response) => {
      if (response.status() >= 500) this.#note(`${response.status()} from ${response.url()}`);
    });
    context.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? 'no answer';
      // Whoever leaves a page ends what it asked for.
      if (!/abort/i.test(why)) this.#note(`${request.method()} ${request.url()}: ${why}`);
    });
    context.on('request', (request) => {
      const { origin: asked, protocol } = new URL(request.url());
      if (/^(https?|wss?):$/.test(protocol) && asked.replace(/^ws/, 'http') !== origin) {
        this.#note(`a request to a stranger, ${request.url()}`);
      }
    });
  }

  /**
   * @param {import('playwright-core').Page | null} page
   * @param {string} fault
   */
  #noteAt(page, fault) {
    if (fault.includes(PLAYWRIGHTS_STYLE)) return;
    this.#note(page ? `${new URL(page.url()).pathname}: ${fault}` : fault);
  }

  /** @param {string} fault */
  #note(fault) {
    if (this.isPutOut && fault.includes('/v1/ws')) return;
    this.faults.push(`${this.name}: ${fault}`);
  }

  async leaves() {
    await this.context.close();
  }
}
