import type { ServerInfo, Sotto } from '@sotto/client';

/** What the server says of itself, asked once. */
export class Site {
  info = $state.raw<ServerInfo>();

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
    return info;
  }
}
