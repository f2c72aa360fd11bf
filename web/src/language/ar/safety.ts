import type { safety as source } from '../en/safety';
import type { Translated } from '../message';

export const safety = {
  same: 'إنهما متطابقان',
} satisfies Translated<typeof source>;
