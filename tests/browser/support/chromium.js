import { chromium } from 'playwright-core';
import { chromiumProgram } from './programs.js';

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 800 };

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** One browser profile: what a person has on one machine. It outlives its browser. */
export class Profile {
  /** What must not happen: violations of the policy, requests to strangers, exceptions that nobody caught. */
  /** @type {string[]} */
  complaints = [];
  /** @type {import('playwright-core').BrowserContext | undefined} */
  #context;
  #folder;
  #origin;
  #permissions;

  /**
   * @param {string} folder
   * @param {string} origin
   * @param {string[]} [permissions] what its user allows every page
   */
  constructor(folder, origin, permissions = []) {
    this.#folder = folder;
    this.#origin = origin;
    this.#permissions = permissions;
  }

  /** Starts the browser, and opens a tab at the path. */
  async start(path = '/') {
    const context = await chromium.launchPersistentContext(this.#folder, {
      executablePath: chromiumProgram(),
      args: ARGS,
      viewport: DESKTOP,
      locale: 'en-GB',
      colorScheme: 'light',
      serviceWorkers: 'allow',
    });
    this.#context = context;
    context.setDefaultTimeout(60_000);
    if (this.#permissions.length > 0) await context.grantPermissions(this.#permissions, { origin: this.#origin });
    context.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== this.#origin && !['blob:', 'data:', 'chrome:', 'about:', 'file:'].includes(protocol)) {
        this.complaints.push(`a request to ${origin}`);
      }
    });
    context.on('weberror', (error) => this.complaints.push(`uncaught: ${error.error()}`));
    context.on('console', (message) => {
      if (/content security policy|trusted ?type|securitypolicyviolation/i.test(message.text())) {
        this.complaints.push(message.text());
      }
    });
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`securitypolicyviolation: ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`);
      });
    });
    const [blank] = context.pages();
    const page = await this.tab(path);
    await blank?.close();
    return page;
  }

  /** The browser, as it runs. */
  get context() {
    if (!this.#context) throw new Error('the browser is not running');
    return this.#context;
  }

  /** Opens another tab. */
  async tab(path = '/') {
    const page = await this.context.newPage();
    await page.goto(`${this.#origin}${path}`);
    return page;
  }

  /** Closes the browser; the profile stays. */
  async stop() {
    await this.#context?.close();
    this.#context = undefined;
  }
}
