import type { archive as source } from '../en/archive';
import type { Translated } from '../message';

export const archive = {} satisfies Translated<typeof source>;
