import type { safety as source } from '../en/safety';
import type { Translated } from '../message';

export const safety = {} satisfies Translated<typeof source>;
