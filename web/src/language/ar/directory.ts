import type { directory as source } from '../en/directory';
import type { Translated } from '../message';

export const directory = {} satisfies Translated<typeof source>;
