import type { join as source } from '../en/join';
import type { Translated } from '../message';

export const join = {} satisfies Translated<typeof source>;
