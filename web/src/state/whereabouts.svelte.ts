import type { Location } from '@sotto/client';
import { t } from '../language/catalogue';
import { findLocation } from './own-profile.svelte';

/** Where this browser is, once somebody asks. */
export class Whereabouts {
  location = $state.raw<Location>();
  isFinding = $state(false);
  problem = $state<string>();

  /** Asks the browser. Returns whether it has said. */
  async find(): Promise<boolean> {
    this.isFinding = true;
    this.problem = undefined;
    try {
      this.location = await findLocation();
      return true;
    } catch {
      this.problem = t('profile.noLocation');
      return false;
    } finally {
      this.isFinding = false;
    }
  }
}
