import type { Ban, SottoErrorShape } from './api.js';

/** What every call rejects with. `code` is stable; `message` is for a developer. */
export class SottoError extends Error implements SottoErrorShape {
  override readonly name = 'SottoError';
  declare readonly ban?: Ban;

  constructor(
    readonly code: string,
    message: string,
    ban?: Ban,
  ) {
    super(message);
    if (ban) this.ban = ban;
  }
}

/** The shape that crosses a channel: an `Error` would lose its code on the way. */
export function errorShape(thrown: unknown): SottoErrorShape {
  if (isErrorShape(thrown)) {
    const { code, message, ban } = thrown;
    return ban ? { code, message, ban } : { code, message };
  }
  // Nothing of an unforeseen exception but its kind: its text could carry what it choked on.
  return { code: 'internal', message: thrown instanceof Error ? thrown.name : 'unknown error' };
}

function isErrorShape(value: unknown): value is SottoErrorShape {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<SottoErrorShape>).code === 'string' &&
    typeof (value as Partial<SottoErrorShape>).message === 'string'
  );
}
