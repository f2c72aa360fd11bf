import type { notices as source } from '../en/notices';
import type { Translated } from '../message';

export const notices = {} satisfies Translated<typeof source>;
