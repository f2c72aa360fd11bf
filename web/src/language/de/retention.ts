import type { retention as source } from '../en/retention';
import type { Translated } from '../message';

export const retention = {} satisfies Translated<typeof source>;
