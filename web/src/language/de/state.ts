import type { state as source } from '../en/state';
import type { Translated } from '../message';

export const state = {} satisfies Translated<typeof source>;
