import type { chat as source } from '../en/chat';
import type { Translated } from '../message';

export const chat = {} satisfies Translated<typeof source>;
