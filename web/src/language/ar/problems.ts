import type { problems as source } from '../en/problems';
import type { Translated } from '../message';

export const problems = {} satisfies Translated<typeof source>;
