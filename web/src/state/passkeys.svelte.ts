import { hasPasskeys, type OwnPasskey } from '@sotto/client';
import { t } from '../language/catalogue';
import { explain } from '../text/problems';
import type { App } from './app.svelte';
import type { Site } from './site.svelte';

/** Why there are no passkeys here, if there are none. */
export type NoPasskeys = 'server' | 'browser';

/** What stands in the way of passkeys. The server is asked only where the browser has them. */
export async function whatForbidsPasskeys(site: Site): Promise<NoPasskeys | undefined> {
  if (!hasPasskeys()) return 'browser';
  const { passkeys } = await site.ask();
  return passkeys ? undefined : 'server';
}

/** The passkeys of this account. */
export class Passkeys {
  list = $state.raw<OwnPasskey[]>();
  problem = $state<string>();
  /** Why none can be added. */
  forbidden = $state<NoPasskeys>();

  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  async open(): Promise<void> {
    try {
      this.forbidden = await whatForbidsPasskeys(this.#app.site);
      if (this.forbidden !== 'server') await this.read();
    } catch (error) {
      this.problem = explain(error);
    }
  }

  async read(): Promise<void> {
    try {
      this.list = await (await this.#app.sotto).passkeys();
      this.problem = undefined;
    } catch (error) {
      this.problem = explain(error);
    }
  }
}

/** What a passkey is called. */
export function nameOfPasskey({ name }: OwnPasskey): string {
  return name ?? t('passkeys.nameless');
}
