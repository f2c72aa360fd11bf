import type { deletion as source } from '../en/deletion';
import type { Translated } from '../message';

export const deletion = {} satisfies Translated<typeof source>;
