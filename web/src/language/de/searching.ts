import type { searching as source } from '../en/searching';
import type { Translated } from '../message';

export const searching = {} satisfies Translated<typeof source>;
