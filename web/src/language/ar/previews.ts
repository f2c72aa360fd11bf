import type { previews as source } from '../en/previews';
import type { Translated } from '../message';

export const previews = {} satisfies Translated<typeof source>;
