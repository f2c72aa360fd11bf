/**
 * @typedef {import('playwright-core').CDPSession} CDPSession
 * @typedef {import('playwright-core').Page} Page
 * @typedef {import('./chromium.js').Profile} Profile
 */

/** Chromium's virtual authenticator: one that touches itself, and knows its owner. */
export class Authenticator {
  #devtools;
  #id = '';

  /** @param {CDPSession} devtools */
  constructor(devtools) {
    this.#devtools = devtools;
  }

  /**
   * For one page.
   * @param {Profile} browser
   * @param {Page} page
   */
  static async plugInto(browser, page) {
    const devtools = await browser.context.newCDPSession(page);
    await devtools.send('WebAuthn.enable', { enableUI: false });
    const authenticator = new Authenticator(devtools);
    await authenticator.isReplaced({ hasPrf: true });
    return authenticator;
  }

  /** Another one is in its place, which has no passkeys. @param {{ hasPrf: boolean }} options */
  async isReplaced({ hasPrf }) {
    if (this.#id) await this.#devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: this.#id });
    const { authenticatorId } = await this.#devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        ctap2Version: 'ctap2_1',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        hasPrf,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    this.#id = authenticatorId;
  }

  /** Whoever touches it is not its owner. It locks itself after this, as real ones do. */
  async isHeldByAnother() {
    await this.#devtools.send('WebAuthn.setUserVerified', { authenticatorId: this.#id, isUserVerified: false });
  }

  async credentials() {
    const { credentials } = await this.#devtools.send('WebAuthn.getCredentials', { authenticatorId: this.#id });
    return credentials;
  }
}
