import type { noticePage as source } from '../en/noticePage';
import type { Translated } from '../message';

export const noticePage = {} satisfies Translated<typeof source>;
