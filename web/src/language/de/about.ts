import type { about as source } from '../en/about';
import type { Translated } from '../message';

export const about = {} satisfies Translated<typeof source>;
