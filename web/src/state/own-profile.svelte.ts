import type { PictureId, Profile, ProfileUpdate, Sotto } from '@sotto/client';
import { explain } from '../text/problems';

/** What this account's profile says, and what is changed of it. */
export class OwnProfile {
  current = $state.raw<Profile>();
  problem = $state<string>();

  readonly #sotto: Promise<Sotto>;

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
  }

  async read(name: string): Promise<void> {
    try {
      this.current = await (await this.#sotto).profile(name);
      this.problem = undefined;
    } catch (error) {
      this.problem = explain(error);
    }
  }

  /** Throws what went wrong, as those below. */
  async update(update: ProfileUpdate): Promise<void> {
    this.current = await (await this.#sotto).updateProfile(update);
  }

  async setPicture(picture: Blob | undefined): Promise<void> {
    this.current = await (await this.#sotto).setPicture(await bytesOf(picture));
  }

  async setCover(cover: Blob | undefined): Promise<void> {
    this.current = await (await this.#sotto).setCover(await bytesOf(cover));
  }
}

/** A picture as the client takes it. */
export async function bytesOf(picture: Blob | undefined): Promise<Uint8Array | undefined> {
  return picture && new Uint8Array(await picture.arrayBuffer());
}

/** Where the server that has handed out this page has a picture of a profile. */
export function pictureAddress(picture: PictureId): string {
  return `/v1/picture/${picture}`;
}
