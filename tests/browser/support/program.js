import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A program that runs beside the tests: what it says can be waited for. */
export class Program {
  /** @type {string[]} */
  lines = [];
  /** @type {string[]} */
  errors = [];
  #heard = new EventTarget();
  #process;
  #ended = false;

  /**
   * @param {string} path
   * @param {readonly string[]} args
   * @param {NodeJS.ProcessEnv} env
   */
  constructor(path, args, env = {}) {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SOTTO_'));
    this.#process = spawn(path, args, { env: { ...Object.fromEntries(inherited), ...env } });
    for (const [stream, lines] of /** @type {const} */ ([
      [this.#process.stdout, this.lines],
      [this.#process.stderr, this.errors],
    ])) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        this.#heard.dispatchEvent(new Event('heard'));
      });
    }
    this.ended = once(this.#process, 'close').then(([code, signal]) => {
      this.#ended = true;
      this.#heard.dispatchEvent(new Event('heard'));
      return { code, signal };
    });
    this.ended.catch(() => undefined);
  }

  /** The number of its process. */
  get id() {
    return this.#process.pid;
  }

  /** @param {string} line */
  type(line) {
    this.#process.stdin.write(`${line}\n`);
  }

  endInput() {
    this.#process.stdin.end();
  }

  /**
   * The first line on the output, from line `from` on, that the function takes.
   * @param {(line: string) => boolean} wanted
   * @param {number} from
   * @returns {Promise<string>}
   */
  async says(wanted, from = 0) {
    const deadline = AbortSignal.timeout(60_000);
    for (;;) {
      const line = this.lines.slice(from).find(wanted);
      if (line !== undefined) return line;
      if (this.#ended || deadline.aborted) {
        const why = this.#ended ? 'ended' : 'stayed silent';
        throw new Error(`${this.#process.spawnfile} ${why}:\n${[...this.lines, ...this.errors].join('\n')}`);
      }
      await Promise.race([
        once(this.#heard, 'heard'),
        new Promise((resolve) => deadline.addEventListener('abort', resolve, { once: true })),
      ]);
    }
  }

  /** @param {NodeJS.Signals} signal */
  async stop(signal = 'SIGTERM') {
    this.#process.kill(signal);
    return await this.ended;
  }

  /** Waits until the program has ended well, and gives what it said. */
  async finish() {
    this.endInput();
    const { code } = await this.ended;
    if (code !== 0) throw new Error(`${this.#process.spawnfile} ended with ${code}:\n${this.errors.join('\n')}`);
    return this.lines;
  }
}
