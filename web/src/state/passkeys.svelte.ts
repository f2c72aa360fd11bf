import { hasPasskeys, type OwnPasskey, type Sotto } from '@sotto/client';
import { t } from '../language/catalogue';
import { explain } from '../text/problems';

/** Why there are no passkeys here, if there are none. */
export type NoPasskeys = 'server' | 'browser';

/** What stands in the way of passkeys. The server is asked only where the browser has them. */
export async function whatForbidsPasskeys(sotto: Promise<Sotto>): Promise<NoPasskeys | undefined> {
  if (!hasPasskeys()) return 'browser';
  const { passkeys } = await (await sotto).serverInfo();
  return passkeys ? undefined : 'server';
}

/** The passkeys of this account. */
export class Passkeys {
  list = $state.raw<OwnPasskey[]>();
  problem = $state<string>();
  /** Why none can be added. */
  forbidden = $state<NoPasskeys>();

  readonly #sotto: Promise<Sotto>;

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
  }

  async open(): Promise<void> {
    try {
      this.forbidden = await whatForbidsPasskeys(this.#sotto);
      if (this.forbidden !== 'server') await this.read();
    } catch (error) {
      this.problem = explain(error);
    }
  }

  async read(): Promise<void> {
    try {
      this.list = await (await this.#sotto).passkeys();
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
