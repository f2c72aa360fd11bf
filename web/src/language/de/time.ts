import type { time as source } from '../en/time';
import type { Translated } from '../message';

export const time = {} satisfies Translated<typeof source>;
