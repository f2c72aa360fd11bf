import type { notificationSettings as source } from '../en/notificationSettings';
import type { Translated } from '../message';

export const notificationSettings = {} satisfies Translated<typeof source>;
