import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from './program.js';
import { serverProgram } from './programs.js';

/** The real server, with its databases and its log in a folder. */
export class Server {
  /** @type {Program} */
  #program;

  /**
   * @param {string} folder
   * @param {number} port
   * @param {Program} program
   */
  constructor(folder, port, program) {
    this.folder = folder;
    this.port = port;
    this.#program = program;
  }

  /**
   * Starts the server on a port that is free.
   * @param {string} folder
   * @param {string} [configuration] as TOML, beside what is the same for all tests
   * @param {number} [port] that is free, where the configuration names it
   */
  static async start(folder, configuration = '', port = 0) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'sotto.toml'), configuration);
    const program = run(folder, port);
    return new Server(folder, await portOf(program), program);
  }

  get origin() {
    return `http://127.0.0.1:${this.port}`;
  }

  get log() {
    return join(this.folder, 'server.log');
  }

  /**
   * Runs a command of the server's program, beside it and over its data, to its end.
   * @param {string[]} command
   */
  async does(...command) {
    return await new Program(serverProgram(), [...placeOf(this.folder), ...command]).finish();
  }

  /** Asks the server to stop; it drains and ends. */
  async stop() {
    const ended = await this.#program.stop('SIGTERM');
    this.#keepLog();
    return ended;
  }

  /** Ends the server at once, as a crash would. */
  async kill() {
    await this.#program.stop('SIGKILL');
    this.#keepLog();
  }

  /** Starts it again, on the same data and the same port. */
  async startAgain() {
    this.#program = run(this.folder, this.port);
    await portOf(this.#program);
  }

  #keepLog() {
    appendFileSync(this.log, [...this.#program.lines, ...this.#program.errors, ''].join('\n'));
  }
}

/**
 * @param {string} folder
 * @param {number} port
 */
function run(folder, port) {
  const args = ['--listen', `127.0.0.1:${port}`, '--log-level', 'debug'];
  return new Program(serverProgram(), [...placeOf(folder), ...args]);
}

/** Where the server's configuration and data are. @param {string} folder */
function placeOf(folder) {
  return ['--config', join(folder, 'sotto.toml'), '--data', join(folder, 'data')];
}

/** @param {Program} program */
async function portOf(program) {
  const ready = await program.says((line) => /http:\/\/127\.0\.0\.1:\d+/.test(line));
  return Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(ready)?.[1]);
}
