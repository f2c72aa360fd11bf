import type { composer as source } from '../en/composer';
import type { Translated } from '../message';

export const composer = {} satisfies Translated<typeof source>;
