import type { ServerInfo, Sotto } from '@sotto/client';

/** Whether the server had news last, so that the first paint has the link to it. */
const HINT = 'sotto.news';

/** What the server says of itself, asked once. */
export class Site {
  info = $state.raw<ServerInfo>();
  /** Whether there is news; until the server has answered, whether there was; `undefined` if it never has. */
  readonly hasNews: boolean | undefined = $derived(this.info ? this.info.news : remembered());

  readonly #sotto: Promise<Sotto>;
  #asking: Promise<ServerInfo> | undefined;

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
  }

  /** Asks, unless it has answered before. Rejects if it does not answer. */
  ask(): Promise<ServerInfo> {
    this.#asking ??= this.#ask().catch((error: unknown) => {
      this.#asking = undefined;
      throw error;
    });
    return this.#asking;
  }

  async #ask(): Promise<ServerInfo> {
    const info = await (await this.#sotto).serverInfo();
    this.info = info;
    localStorage.setItem(HINT, String(info.news));
    return info;
  }
}

function remembered(): boolean | undefined {
  const news = localStorage.getItem(HINT);
  return news === null ? undefined : news === 'true';
}
