import type { entry as source } from '../en/entry';
import type { Translated } from '../message';

export const entry = {} satisfies Translated<typeof source>;
