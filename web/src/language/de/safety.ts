import type { safety as source } from '../en/safety';
import type { Translated } from '../message';

export const safety = {
  same: 'Sie sind gleich',
} satisfies Translated<typeof source>;
