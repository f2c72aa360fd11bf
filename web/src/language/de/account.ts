import type { account as source } from '../en/account';
import type { Translated } from '../message';

export const account = {} satisfies Translated<typeof source>;
