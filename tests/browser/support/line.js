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

  close() {
    this.cut();
    this.#listener.close();
  }
}
