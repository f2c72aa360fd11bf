import type { ownHistory as source } from '../en/ownHistory';
import type { Translated } from '../message';

export const ownHistory = {} satisfies Translated<typeof source>;
