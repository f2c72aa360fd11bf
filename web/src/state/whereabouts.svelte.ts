import type { Location } from '@sotto/client';
import { t } from '../language/catalogue';

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

/** Where this browser is, if its user lets it say so. */
function findLocation(): Promise<Location> {
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ latitude: coords.latitude, longitude: coords.longitude }),
      reject,
      { enableHighAccuracy: false, maximumAge: 3_600_000, timeout: 30_000 },
    );
  });
}
