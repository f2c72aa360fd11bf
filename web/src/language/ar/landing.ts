import type { landing as source } from '../en/landing';
import type { Translated } from '../message';

export const landing = {} satisfies Translated<typeof source>;
