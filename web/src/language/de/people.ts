import type { people as source } from '../en/people';
import type { Translated } from '../message';

export const people = {} satisfies Translated<typeof source>;
