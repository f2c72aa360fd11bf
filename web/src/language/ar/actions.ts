import type { actions as source } from '../en/actions';
import type { Translated } from '../message';

export const actions = {} satisfies Translated<typeof source>;
