import type { FaultyArchive } from '@sotto/client';

const WORDS: Readonly<Record<FaultyArchive['fault'], string>> = {
  'rolled-back': 'The server shows an older history than your devices have stored there.',
  forked: 'The server shows your devices different histories.',
  cut: 'A part of the history that your devices have stored on the server is missing.',
  foreign: 'What the server shows as your history was not stored by your devices.',
};

/** What is wrong with an archive, in plain words. */
export function faultWords(fault: FaultyArchive['fault']): string {
  return WORDS[fault];
}

/** How much of it is read, of a hundred. */
export function percentage({ done, of }: { done: number; of: number }): number {
  return of === 0 ? 0 : Math.floor((Math.min(done, of) / of) * 100);
}
