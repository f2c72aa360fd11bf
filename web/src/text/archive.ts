import type { FaultyArchive } from '@sotto/client';
import { t, type PlainKey } from '../language/catalogue';

const WORDS: Readonly<Record<FaultyArchive['fault'], PlainKey>> = {
  'rolled-back': 'archive.rolledBack',
  forked: 'archive.forked',
  cut: 'archive.cut',
  foreign: 'archive.foreign',
};

/** What is wrong with an archive, in plain words. */
export function faultWords(fault: FaultyArchive['fault']): string {
  return t(WORDS[fault]);
}

/** How much of it is read, of a hundred. */
export function percentage({ done, of }: { done: number; of: number }): number {
  return of === 0 ? 0 : Math.floor((Math.min(done, of) / of) * 100);
}
