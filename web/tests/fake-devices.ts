import type { DeviceId, DeviceLinkOffer, OwnDevice } from '@sotto/client';
import { problem } from './fake-calls';
import { FakePasskeys } from './fake-passkeys';

/** The devices of the fake client's account, and what lets a new one in. */
export abstract class FakeDevices extends FakePasskeys {
  /** The code that an old device shows. */
  link: { name: string; server: string; code: string } | undefined;
  readonly ownDevices = new Map<DeviceId, OwnDevice>();

  /** A device of this account. */
  hasDevice(device: DeviceId, more: Partial<OwnDevice> = {}): this {
    this.ownDevices.set(device, {
      device,
      name: device,
      code: '12345 12345 12345 12345 12345 12345 12345 12345',
      isThis: false,
      isVerified: false,
      isNew: false,
      enrolledAt: Date.now(),
      lastSeenAt: Date.now(),
      ...more,
    });
    return this;
  }

  /** A device has logged in to this account. */
  deviceComes(device: DeviceId, isExpected: boolean): void {
    this.hasDevice(device, { isNew: !isExpected, isVerified: isExpected });
    this.emit({ kind: 'device-added', device, isExpected });
  }

  async logInByRecoveryCode(name: string, words: string): Promise<void> {
    this.called('logInByRecoveryCode');
    if (this.recovery?.name !== name || this.recovery.words !== words) throw problem('wrong-credentials');
    this.enter(name);
  }

  async readDeviceLink(code: string): Promise<{ name: string; server: string }> {
    this.called('readDeviceLink');
    if (!code.includes('sotto-device:')) throw problem('invalid-device-link-code');
    return { name: this.link?.name ?? '', server: this.link?.server ?? location.origin };
  }

  async logInByDeviceLink(code: string): Promise<void> {
    this.called('logInByDeviceLink');
    if (this.link?.code !== code) throw problem('device-link-refused');
    this.enter(this.link.name);
  }

  async changePassword(current: string, next: string): Promise<void> {
    this.called('changePassword');
    if (current !== this.password) throw problem('wrong-credentials');
    this.password = next;
  }

  async setPasswordByRecoveryCode(words: string, next: string): Promise<void> {
    this.called('setPasswordByRecoveryCode');
    if (this.recovery?.words !== words) throw problem('wrong-credentials');
    this.password = next;
  }

  async devices(): Promise<OwnDevice[]> {
    this.called('devices');
    return [...this.ownDevices.values()];
  }

  async hasNewDevices(): Promise<boolean> {
    return [...this.ownDevices.values()].some(({ isNew }) => isNew);
  }

  async renameDevice(device: DeviceId, name: string): Promise<void> {
    this.called('renameDevice', `${device} ${name}`);
    this.hasDevice(device, { ...this.ownDevices.get(device), name });
  }

  async confirmDevice(device: DeviceId): Promise<void> {
    this.called('confirmDevice', device);
    this.hasDevice(device, { ...this.ownDevices.get(device), isVerified: true, isNew: false });
  }

  async acknowledgeDevices(): Promise<void> {
    this.called('acknowledgeDevices');
    for (const device of this.ownDevices.values()) this.ownDevices.set(device.device, { ...device, isNew: false });
  }

  async removeDevice(device: DeviceId): Promise<void> {
    this.called('removeDevice', device);
    this.ownDevices.delete(device);
  }

  async offerDeviceLink(): Promise<DeviceLinkOffer> {
    this.called('offerDeviceLink');
    const qr = { side: 9, path: 'M4 4h1v1h-1z' };
    return { code: 'sotto-device:offered', qr, device: 'phone', expiresAt: Date.now() + 300_000 };
  }

  async withdrawDeviceLink(code: string): Promise<void> {
    this.called('withdrawDeviceLink', code);
  }
}
