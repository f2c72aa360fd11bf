import type { ChatId, Sotto } from '@sotto/client';

/** Groups' pictures as addresses that an `img` takes. A picture is read once; what it is called says which it is. */
export class Pictures {
  readonly #addresses = new Map<string, Promise<string | undefined>>();

  constructor(readonly sotto: Promise<Sotto>) {}

  /** The address of a group's picture of this digest; `undefined` if it cannot be read now. */
  async address(group: ChatId, digest: string): Promise<string | undefined> {
    let address = this.#addresses.get(digest);
    if (!address) {
      address = this.#read(group);
      this.#addresses.set(digest, address);
    }
    const read = await address.catch(() => undefined);
    // Asked for again the next time that it is to be shown.
    if (read === undefined) this.#addresses.delete(digest);
    return read;
  }

  /** Another account comes: nothing of this one's stays. */
  forget(): void {
    for (const address of this.#addresses.values()) {
      void address.then((read) => read && URL.revokeObjectURL(read)).catch(() => undefined);
    }
    this.#addresses.clear();
  }

  async #read(group: ChatId): Promise<string | undefined> {
    const picture = await (await this.sotto).groupPicture(group);
    return picture && URL.createObjectURL(picture);
  }
}
