import type { files as source } from '../en/files';
import type { Translated } from '../message';

export const files = {} satisfies Translated<typeof source>;
