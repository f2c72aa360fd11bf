import type { Exported, ExportFormat, ExportProgress, Imported, ImportProgress } from '@sotto/client';
import { t } from '../language/catalogue';
import { percent, sizeWords } from './file';
import type { Option } from './option';
import { codeOf, explain } from './problems';

/** What an export can be. */
export const formatOptions = (): readonly Option<ExportFormat>[] => [
  {
    value: 'encrypted',
    label: t('ownHistory.formatEncrypted'),
    hint: t('ownHistory.formatEncryptedHint'),
  },
  {
    value: 'readable',
    label: t('ownHistory.formatReadable'),
    hint: t('ownHistory.formatReadableHint'),
  },
];

export type WithFiles = 'with' | 'without';

/** What can be in it. */
export const filesOptions = (): readonly Option<WithFiles>[] => [
  {
    value: 'with',
    label: t('ownHistory.withFiles'),
    hint: t('ownHistory.withFilesHint'),
  },
  { value: 'without', label: t('ownHistory.withoutFiles'), hint: t('ownHistory.withoutFilesHint') },
];

const chats = (count: number) => t('ownHistory.chats', { count });
const messages = (count: number) => t('ownHistory.messages', { count });
const files = (count: number) => t('ownHistory.files', { count });

/** How much of an export is written, of a hundred; `undefined` until it is known how much there is. */
export function exportShare(progress: ExportProgress | undefined): number | undefined {
  if (!progress || progress.totalMessages + progress.totalFiles === 0) return undefined;
  const { messages, totalMessages, files, totalFiles } = progress;
  const shares = [
    ...(totalMessages > 0 ? [percent(messages, totalMessages)] : []),
    ...(totalFiles > 0 ? [percent(files, totalFiles)] : []),
  ];
  return Math.floor(shares.reduce((sum, share) => sum + share, 0) / shares.length);
}

export function exportProgressWords(progress: ExportProgress | undefined): string {
  if (!progress || progress.totalMessages + progress.totalFiles === 0) return t('ownHistory.gettingReady');
  const ofMessages = t('ownHistory.messagesOf', { done: progress.messages, count: progress.totalMessages });
  if (progress.totalFiles === 0) return ofMessages;
  const ofFiles = t('ownHistory.filesOf', { done: progress.files, count: progress.totalFiles });
  return t('ownHistory.both', { messages: ofMessages, files: ofFiles });
}

/** How much of an export is read, of a hundred; `undefined` until it is opened. */
export function importShare(progress: ImportProgress | undefined): number | undefined {
  return progress && progress.totalBytes > 0 ? percent(progress.bytes, progress.totalBytes) : undefined;
}

export function importProgressWords(progress: ImportProgress | undefined): string {
  if (!progress || progress.totalBytes === 0) return t('ownHistory.opening');
  return t('ownHistory.bytesOf', { done: sizeWords(progress.bytes), all: sizeWords(progress.totalBytes) });
}

/** What is in an export. */
export function exportedWords(exported: Exported): string {
  const all = { chats: chats(exported.chats), messages: messages(exported.messages) };
  if (exported.files === 0) return t('ownHistory.exportedMessages', all);
  return t('ownHistory.exportedAll', { ...all, files: files(exported.files) });
}

/** What is in an export by its name alone. */
export function missingWords({ missingFiles }: Exported): string | undefined {
  return missingFiles === 0 ? undefined : t('ownHistory.missing', { count: missingFiles });
}

/** What an import has brought. */
export function importedWords({ messages: fresh, known, ...imported }: Imported): string {
  if (fresh === 0) {
    if (known === 0) return t('ownHistory.noMessages');
    return t('ownHistory.nothingNew', { count: known });
  }
  return t('ownHistory.imported', {
    chats: chats(imported.chats),
    fresh: t('ownHistory.freshMessages', { count: fresh }),
    known: t('ownHistory.knownMessages', { count: known }),
  });
}

export const stoppedImport = (): string => t('ownHistory.stoppedImport');

/** Why nothing, or not all, could be exported or brought back. Both can be begun again: an import takes nothing twice. */
export function failureWords(error: unknown): string {
  return codeOf(error) === 'interrupted' ? t('ownHistory.interrupted') : explain(error);
}

/** How far something is, as it is said aloud: not at every step. */
export function spokenShare(share: number | undefined): string {
  return share === undefined ? '' : t('ownHistory.percent', { share: Math.floor(share / 10) * 10 });
}
