import type { Exported, ExportFormat, ExportProgress, Imported, ImportProgress } from '@sotto/client';
import { percent, sizeWords } from './file';
import type { Option } from './option';
import { codeOf, explain } from './problems';

export const FORMAT_OPTIONS: readonly Option<ExportFormat>[] = [
  {
    value: 'encrypted',
    label: 'To keep and bring back (encrypted)',
    hint: 'One file that Sotto alone opens, with a passphrase.',
  },
  {
    value: 'readable',
    label: 'To read (web pages and JSON)',
    hint: 'A ZIP for every browser, and for other programs. Not encrypted.',
  },
];

export type WithFiles = 'with' | 'without';

export const FILES_OPTIONS: readonly Option<WithFiles>[] = [
  {
    value: 'with',
    label: 'Messages and files',
    hint: 'Files are fetched from the server for it, which can take long and needs room.',
  },
  { value: 'without', label: 'Messages alone', hint: 'Files are named in it.' },
];

/** Both can be begun again: an import takes nothing twice. */
const INTERRUPTED = 'The tab of Sotto that worked on this was closed or has stopped. Please begin again.';

function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString()} ${count === 1 ? one : many}`;
}

const chats = (count: number) => counted(count, 'chat', 'chats');
const messages = (count: number) => counted(count, 'message', 'messages');
const files = (count: number) => counted(count, 'file', 'files');

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
  if (!progress || progress.totalMessages + progress.totalFiles === 0) return 'Getting ready…';
  const { totalFiles } = progress;
  const ofFiles = `, ${progress.files.toLocaleString()} of ${files(totalFiles)}`;
  return `${progress.messages.toLocaleString()} of ${messages(progress.totalMessages)}${totalFiles > 0 ? ofFiles : ''}`;
}

/** How much of an export is read, of a hundred; `undefined` until it is opened. */
export function importShare(progress: ImportProgress | undefined): number | undefined {
  return progress && progress.totalBytes > 0 ? percent(progress.bytes, progress.totalBytes) : undefined;
}

export function importProgressWords(progress: ImportProgress | undefined): string {
  if (!progress || progress.totalBytes === 0) return 'Opening it…';
  return `${sizeWords(progress.bytes)} of ${sizeWords(progress.totalBytes)}`;
}

/** What is in an export. */
export function exportedWords(exported: Exported): string {
  const all = [chats(exported.chats), messages(exported.messages)];
  if (exported.files > 0) all.push(files(exported.files));
  return `${all.join(', ')}.`;
}

/** What is in an export by its name alone. */
export function missingWords({ missingFiles }: Exported): string | undefined {
  if (missingFiles === 0) return undefined;
  return missingFiles === 1
    ? 'One file could not be fetched. The export names it, without its content.'
    : `${files(missingFiles)} could not be fetched. The export names them, without their content.`;
}

/** What an import has brought. */
export function importedWords({ messages: fresh, known, ...imported }: Imported): string {
  const where = chats(imported.chats);
  if (fresh === 0) {
    if (known === 0) return 'There are no messages in this export.';
    return known === 1
      ? 'Nothing is new: the one message in it was here already.'
      : `Nothing is new: all ${messages(known)} in it were here already.`;
  }
  const isNew = `${messages(fresh)} ${fresh === 1 ? 'is' : 'are'} new`;
  return `${where}: ${isNew}, ${known.toLocaleString()} ${known === 1 ? 'was' : 'were'} here already.`;
}

export const STOPPED_IMPORT = 'It was stopped. What had been read until then is here.';

/** Why nothing, or not all, could be exported or brought back. */
export function failureWords(error: unknown): string {
  return codeOf(error) === 'interrupted' ? INTERRUPTED : explain(error);
}

/** How far something is, as it is said aloud: not at every step. */
export function spokenShare(share: number | undefined): string {
  return share === undefined ? '' : `${Math.floor(share / 10) * 10} percent`;
}
