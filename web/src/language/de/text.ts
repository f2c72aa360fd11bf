import type { text as source } from '../en/text';
import type { Translated } from '../message';

export const text = {} satisfies Translated<typeof source>;
