import type { notifications as source } from '../en/notifications';
import type { Translated } from '../message';

export const notifications = {} satisfies Translated<typeof source>;
