import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../support/free-port.js';
import { temporaryFolder } from '../support/output.js';
import { Server } from '../support/server.js';
import { Visitor } from './browsers.js';
import { Camera } from './camera.js';

/**
 * @typedef {import('playwright-core').Page} Page
 * @typedef {(tour: Tour) => Promise<void>} Chapter
 */

const ABOUT = `# The server of the Rowing Club

Noor and Bea look after it, in the evenings. Write to [Noor](/people/noor) if something is wrong.

| Day | Boathouse |
| --- | ---: |
| Saturday | 7:00 to 12:00 |
| Sunday | 8:00 to 10:00 |
`;
const NEWS = `# We have moved

The server is in **another house** now, with a view of the lake. See [who we are](/about).
`;

/** One walk through the whole app in one browser: its server, its two people, and the pictures. */
export class Tour {
  /** What is known of the two, beside what their browsers know. */
  people = {
    ada: { password: 'ada counts eleven owls', recoveryCode: /** @type {string[]} */ ([]) },
    ben: { password: 'ben repairs seven bicycles', recoveryCode: /** @type {string[]} */ ([]) },
  };
  #began = performance.now();

  /**
   * @param {Server} server
   * @param {string} origin
   * @param {Visitor} ada who sees the server for the first time, and comes to look after it
   * @param {Visitor} ben whom she meets there
   * @param {Camera} camera
   */
  constructor(server, origin, ada, ben, camera) {
    this.server = server;
    this.origin = origin;
    this.ada = ada;
    this.ben = ben;
    this.camera = camera;
  }

  /**
   * Walks through the chapters, one after the other, up to the first fault.
   * @param {import('./browsers.js').BrowserName} browser
   * @param {string} pictures
   * @param {readonly Chapter[]} chapters
   */
  static async through(browser, pictures, chapters) {
    const { folder, remove } = temporaryFolder();
    const port = await freePort();
    // A browser takes passkeys from a name, not from an address.
    const origin = `http://localhost:${port}`;
    const server = await Server.start(join(folder, 'server'), configuration(folder, origin), port);
    /** @type {Visitor[]} */
    const visitors = [];
    try {
      for (const name of ['ada', 'ben']) {
        visitors.push(await Visitor.arrives(browser, join(folder, name), origin, name));
      }
      const [ada, ben] = visitors;
      if (!ada || !ben) throw new Error('nobody came');
      const tour = new Tour(server, origin, ada, ben, new Camera(pictures));
      for (const chapter of chapters) await chapter(tour);
      const unseen = tour.camera.unseen();
      if (unseen.length > 0) throw new Error(`the tour does not lead to: ${unseen.join(', ')}`);
      return tour.camera.pictures;
    } finally {
      await Promise.allSettled(visitors.map((visitor) => visitor.leaves()));
      await server.stop();
      remove();
    }
  }

  /**
   * Goes one step. A fault of either browser ends the tour after it.
   * @param {string} what
   * @param {() => Promise<unknown>} work
   */
  async step(what, work) {
    console.log(`   ${String(Math.round((performance.now() - this.#began) / 1000)).padStart(4)} s  ${what}`);
    /** @type {unknown} */
    let cause;
    try {
      await work();
    } catch (error) {
      cause = error;
    }
    const faults = [...this.ada.faults, ...this.ben.faults, ...this.camera.faults];
    if (cause === undefined && faults.length === 0) return;
    const list = faults.map((fault) => `\n   - ${fault}`).join('');
    throw new Error(`the tour ended where ${what}${list}`, { cause });
  }

  /**
   * Opens a page by its address, and takes pictures of it.
   * @param {Visitor} visitor
   * @param {string} path
   * @param {string} name
   * @param {(page: Page) => Promise<unknown>} [ready]
   */
  async shows(visitor, path, name, ready) {
    await visitor.visits(path);
    await this.camera.takes(visitor.page, name, ready);
  }
}

/**
 * What the operator of the server says, and lets people do.
 * @param {string} folder
 * @param {string} origin
 */
function configuration(folder, origin) {
  const pages = join(folder, 'pages');
  mkdirSync(join(pages, 'news'), { recursive: true });
  writeFileSync(join(pages, 'about.md'), ABOUT);
  writeFileSync(join(pages, 'news', '2026-01-20-we-have-moved.md'), NEWS);
  // The server's own variable, which programs of tests do not inherit.
  const web = process.env['SOTTO_WEB_DIR'];
  return [
    '[site]',
    `pages = ${JSON.stringify(pages)}`,
    '[passkeys]',
    'enabled = true',
    `origins = [${JSON.stringify(origin)}]`,
    ...(web ? ['[web]', `directory = ${JSON.stringify(web)}`] : []),
    '',
  ].join('\n');
}
