import type { Profile, Sotto } from '@sotto/client';
import { explain } from '../text/problems';

/** What somebody says of themselves, and whether this account blocks them. */
export class PersonProfile {
  current = $state.raw<Profile>();
  isBlocked = $state(false);
  problem = $state<string>();

  readonly #sotto: Promise<Sotto>;
  readonly #name: string;

  constructor(sotto: Promise<Sotto>, name: string) {
    this.#sotto = sotto;
    this.#name = name;
  }

  /** Reads it, and again when whom this account blocks changes, until the returned function is called. */
  open(): () => void {
    let unsubscribe: (() => void) | undefined;
    let isOver = false;
    void this.#sotto.then((sotto) => {
      if (isOver) return;
      unsubscribe = sotto.subscribe((event) => {
        if (event.kind === 'blocked' || event.kind === 'reset') void this.#read(sotto);
      });
      void this.#read(sotto);
    });
    return () => {
      isOver = true;
      unsubscribe?.();
    };
  }

  async #read(sotto: Sotto): Promise<void> {
    try {
      const [profile, blocked] = await Promise.all([sotto.profile(this.#name), sotto.blocked()]);
      this.isBlocked = blocked.some(({ account }) => account === profile.account);
      this.current = profile;
      this.problem = undefined;
    } catch (error) {
      this.problem = explain(error);
    }
  }
}
