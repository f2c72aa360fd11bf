import type { SottoErrorShape } from '@sotto/client';
import { isKey, t } from '../language/catalogue';

/** The stable code of what a call threw, if it has one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code } = error as Partial<SottoErrorShape>;
  return typeof code === 'string' ? code : undefined;
}

/**
 * What went wrong and what to do about it, in one or two sentences. The codes are the server's problem codes and the client's own. One that is
 * not known here (a newer server's) is named, so that it can be looked up.
 */
export function explain(error: unknown): string {
  const code = codeOf(error);
  if (code === undefined) return t('problems.unknown');
  const key = `problems.${code}`;
  return isKey(key) ? t(key) : t('problems.unknownCode', { code });
}
