import type { chatPages as source } from '../en/chatPages';
import type { Translated } from '../message';

export const chatPages = {} satisfies Translated<typeof source>;
