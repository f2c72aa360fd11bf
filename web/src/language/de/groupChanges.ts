import type { groupChanges as source } from '../en/groupChanges';
import type { Translated } from '../message';

export const groupChanges = {} satisfies Translated<typeof source>;
