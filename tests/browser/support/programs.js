import { existsSync } from 'node:fs';

/**
 * The program that an environment variable names.
 * @param {string} variable
 * @param {string} [otherwise]
 */
function program(variable, otherwise) {
  const path = process.env[variable] ?? otherwise;
  if (!path) throw new Error(`set ${variable} to the program; \`cargo xtask test browser\` does`);
  if (!existsSync(path)) throw new Error(`${variable}: there is no ${path}`);
  return path;
}

export const serverProgram = () => program('SOTTO_SERVER_BIN');
export const terminalProgram = () => program('SOTTO_TERMINAL_BIN');
export const conversationProgram = () => program('SOTTO_CONVERSATION_BIN');
export const chromiumProgram = () => program('CHROMIUM', '/usr/bin/chromium');
