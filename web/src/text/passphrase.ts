import { t } from '../language/catalogue';
import { byteLength } from './message';

/** The shortest passphrase of an export, in characters. */
export const PASSPHRASE_LENGTH = 12;
/** Bytes of UTF-8 that it may have. */
const PASSPHRASE_BYTES = 1024;

/** What keeps a passphrase from being used, for people. */
export function passphraseProblem(passphrase: string): string | undefined {
  if ([...passphrase].length < PASSPHRASE_LENGTH) {
    return t('account.passphraseTooShort', { length: PASSPHRASE_LENGTH });
  }
  return byteLength(passphrase) > PASSPHRASE_BYTES ? t('account.passphraseTooLong') : undefined;
}
