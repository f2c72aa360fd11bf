import type { chats as source } from '../en/chats';
import type { Translated } from '../message';

export const chats = {} satisfies Translated<typeof source>;
