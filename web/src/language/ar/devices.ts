import type { devices as source } from '../en/devices';
import type { Translated } from '../message';

export const devices = {} satisfies Translated<typeof source>;
