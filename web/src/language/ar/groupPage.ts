import type { groupPage as source } from '../en/groupPage';
import type { Translated } from '../message';

export const groupPage = {} satisfies Translated<typeof source>;
