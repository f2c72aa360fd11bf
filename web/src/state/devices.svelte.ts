import type { DeviceId, OwnDevice, Sotto } from '@sotto/client';
import { t } from '../language/catalogue';
import { explain } from '../text/problems';
import { Rereading } from './rereading';

/** The devices of this account, kept up to date while they are shown. */
export class Devices {
  list = $state.raw<OwnDevice[]>();
  problem = $state<string>();
  /** The device that came by a code that this one has shown, for whoever waits for it. */
  arrived = $state<DeviceId>();

  readonly #sotto: Promise<Sotto>;
  #unsubscribe: (() => void) | undefined;
  #closed = false;
  readonly #reading = new Rereading(() => this.#read());

  constructor(sotto: Promise<Sotto>) {
    this.#sotto = sotto;
  }

  async open(): Promise<void> {
    const sotto = await this.#sotto;
    if (this.#closed) return;
    this.#unsubscribe = sotto.subscribe((event) => {
      if (event.kind === 'device-added' && event.isExpected) this.arrived = event.device;
      if (event.kind === 'devices' || event.kind === 'device-added' || event.kind === 'reset') void this.read();
    });
    await this.read();
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe?.();
  }

  read(): Promise<void> {
    return this.#reading.run();
  }

  async #read(): Promise<void> {
    try {
      this.list = await (await this.#sotto).devices();
      this.problem = undefined;
    } catch (error) {
      this.problem = explain(error);
    }
  }
}

/** What a device is called. */
export function nameOf(device: OwnDevice): string {
  return device.name ?? t('devices.nameless');
}
