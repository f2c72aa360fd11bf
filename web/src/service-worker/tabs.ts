import type { FileAddress } from '../files/file-path';
import type { FileAnswer, FileAsked } from '../files/file-port';
import { close, opened, type OpenFile } from './answer';

/** A tab, as far as it is needed here: a `Client` of the service worker. */
export interface Tab {
  postMessage(message: unknown, transfer: Transferable[]): void;
}

/** A tab that has not answered for so long is asleep or gone, in milliseconds. */
const PATIENCE = 20_000;

/**
 * Asks tabs for a file. The first that has it gives it; the others are told that they need not. `undefined` if none has it, or none
 * answers.
 */
export async function openFile(
  tabs: readonly Tab[],
  file: FileAddress,
  patience = PATIENCE,
): Promise<OpenFile | undefined> {
  const asked = tabs.map((tab) => askTab(tab, file));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tired = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), patience)));
  const first = Promise.any(asked.map(async ({ answered }) => (await answered) ?? Promise.reject(new Error('none'))));
  const found = await Promise.race([first.catch(() => undefined), tired]);
  clearTimeout(timer);
  for (const { port } of asked) if (port !== found?.port) close(port);
  return found;
}

function askTab(
  tab: Tab,
  { chat, message }: FileAddress,
): { port: MessagePort; answered: Promise<OpenFile | undefined> } {
  const { port1: port, port2: other } = new MessageChannel();
  const answered = new Promise<OpenFile | undefined>((resolve) => {
    port.onmessage = ({ data }: MessageEvent<FileAnswer>) => resolve(opened(data, port));
  });
  tab.postMessage({ kind: 'file', chat, message } satisfies FileAsked, [other]);
  return { port, answered };
}
