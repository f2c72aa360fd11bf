import type { group as source } from '../en/group';
import type { Translated } from '../message';

export const group = {} satisfies Translated<typeof source>;
