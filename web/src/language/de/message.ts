import type { message as source } from '../en/message';
import type { Translated } from '../message';

export const message = {} satisfies Translated<typeof source>;
