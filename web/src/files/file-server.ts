import type { MessageId, Sotto } from '@sotto/client';
import { SERVICE_WORKER, trusted } from '../trusted-script';
import type { Awake, FileAnswer, FileAsked, PieceAnswer, PieceAsked } from './file-port';

/** How often the service worker is kept awake while it is given a file, in milliseconds: it is ended after 30 seconds. */
const AWAKE = 10_000;
/** A player that has asked for nothing for so long has to begin anew, in milliseconds. */
const FORGOTTEN = 10 * 60_000;

/** Gives the service worker the files that it asks this tab for. The keys, and what opens the files, stay where they are. */
export class FileServer {
  readonly #sotto: Promise<Sotto>;
  readonly #onfailure: (message: MessageId, error: unknown) => void;

  /** `onfailure`: a file could not be read to its end. */
  constructor(sotto: Promise<Sotto>, onfailure: (message: MessageId, error: unknown) => void) {
    this.#sotto = sotto;
    this.#onfailure = onfailure;
  }

  /** Answers one request, as the service worker has sent it with one end of a channel. */
  async answer({ chat, message }: FileAsked, port: MessagePort, keepAwake: () => void): Promise<void> {
    const say = (answer: FileAnswer) => port.postMessage(answer);
    try {
      const sotto = await this.#sotto;
      const found = await sotto.message(chat, message);
      if (found?.body.kind !== 'file') {
        say({ kind: 'none' });
        port.close();
        return;
      }
      const pause = new Pause(keepAwake);
      port.onmessage = ({ data }: MessageEvent<PieceAsked>) => {
        if (data.kind === 'end') {
          pause.end();
          port.close();
          return;
        }
        pause.begin();
        void this.#give(sotto, { chat, message, ...data }, port);
      };
      const { name, mediaType, size } = found.body.file;
      say({ kind: 'file', name, mediaType, size });
    } catch {
      say({ kind: 'none' });
      port.close();
    }
  }

  async #give(
    sotto: Sotto,
    { chat, message, start, end }: { chat: string; message: MessageId; start: number; end: number },
    port: MessagePort,
  ): Promise<void> {
    try {
      const bytes = await sotto.readFilePart(chat, message, start, end);
      // A buffer of its own, which can be handed over without copying it.
      const buffer = bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
      port.postMessage({ kind: 'piece', bytes: buffer as ArrayBuffer } satisfies PieceAnswer, [buffer as ArrayBuffer]);
    } catch (error) {
      port.postMessage({ kind: 'failed' } satisfies PieceAnswer);
      this.#onfailure(message, error);
    }
  }
}

/** The time between two pieces. */
class Pause {
  readonly #keepAwake: () => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #left = 0;

  constructor(keepAwake: () => void) {
    this.#keepAwake = keepAwake;
  }

  begin(): void {
    this.#left = FORGOTTEN / AWAKE;
    this.#timer ??= setInterval(() => {
      this.#left -= 1;
      if (this.#left > 0) this.#keepAwake();
      else this.end();
    }, AWAKE);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

async function register(container: ServiceWorkerContainer): Promise<void> {
  try {
    // What it is built of lies in two files: the client is not in the one that is asked for again and again.
    await container.register(trusted(SERVICE_WORKER), { scope: '/', type: 'module' });
  } catch {
    // Without it, what is small is shown and saved all the same.
  }
}

/**
 * Registers the service worker and answers it. `onready` hears whether it answers for this page: at first it does not, and in some
 * private windows never.
 */
export function serveFiles(server: FileServer, onready: (isReady: boolean) => void): () => void {
  const container: ServiceWorkerContainer | undefined = navigator.serviceWorker;
  if (!container) return () => undefined;
  const listening = new AbortController();
  const { signal } = listening;
  const look = () => onready(container.controller !== null);
  const keepAwake = () => container.controller?.postMessage({ kind: 'awake' } satisfies Awake);
  container.addEventListener('controllerchange', look, { signal });
  container.addEventListener(
    'message',
    ({ data, ports: [port] }: MessageEvent<FileAsked | undefined>) => {
      if (data?.kind === 'file' && port) void server.answer(data, port, keepAwake);
    },
    { signal },
  );
  container.startMessages();
  look();
  void register(container);
  return () => listening.abort();
}
