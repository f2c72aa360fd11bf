import { Program } from './program.js';
import { terminalProgram } from './programs.js';

/** A person who uses the terminal client. */
export class Native {
  #folder;
  #server;
  #password;

  /**
   * @param {string} folder
   * @param {string} server
   * @param {string} password
   */
  constructor(folder, server, password) {
    this.#folder = folder;
    this.#server = server;
    this.#password = password;
  }

  /** @param {string[]} args */
  run(...args) {
    return new Program(terminalProgram(), [...args, '--server', this.#server, '--data-dir', this.#folder], {
      SOTTO_PASSWORD: this.#password,
    });
  }

  /**
   * Runs a command to its end.
   * @param {string[]} args
   */
  async does(...args) {
    return await this.run(...args).finish();
  }
}
