import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * The network between one browser and the server, which a test can cut. (Chromium's own offline mode leaves open
 * WebSockets of workers alone; a cut line does not.)
 */
export class Line {
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set();
  #cut = false;
  #listener;
  /** How many times it was cut by what passed. */
  cuts = 0;
  /** How many bytes pass before it is cut, how often that happens, and how many have passed since the last time. */
  #toCut = { every: Infinity, times: 0, passed: 0 };

  /** @param {number} to the server's port */
  constructor(to) {
    this.#listener = createServer((near) => {
      if (this.#cut) {
        near.resetAndDestroy();
        return;
      }
      const far = connect(to, '127.0.0.1');
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        // The other end learns of it by the close that follows.
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
        socket.on('data', (bytes) => this.#passed(bytes.length));
      }
      near.pipe(far);
      far.pipe(near);
    });
  }

  /** @param {number} to */
  static async open(to) {
    const line = new Line(to);
    line.#listener.listen(0, '127.0.0.1');
    await once(line.#listener, 'listening');
    return line;
  }

  get origin() {
    const address = this.#listener.address();
    if (address === null || typeof address === 'string') throw new Error('the line is closed');
    return `http://127.0.0.1:${address.port}`;
  }

  cut() {
    this.#cut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  mend() {
    this.#cut = false;
  }

  /**
   * Has what is connected cut off each time that so many bytes have passed. Whoever connects anew gets through.
   * @param {number} bytes
   * @param {number} times at most
   */
  cutEvery(bytes, times) {
    this.cuts = 0;
    this.#toCut = { every: bytes, times, passed: 0 };
  }

  /** @param {number} bytes */
  #passed(bytes) {
    const plan = this.#toCut;
    plan.passed += bytes;
    if (plan.passed < plan.every || this.cuts >= plan.times) return;
    plan.passed = 0;
    this.cuts += 1;
    this.cut();
    this.mend();
  }

  close() {
    this.cut();
    this.#listener.close();
  }
}
