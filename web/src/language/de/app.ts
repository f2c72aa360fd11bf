import type { app as source } from '../en/app';
import type { Translated } from '../message';

export const app = {} satisfies Translated<typeof source>;
