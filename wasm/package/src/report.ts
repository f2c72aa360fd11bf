import type { FileInfo } from './file.js';
import type { MessageId } from './api.js';

export type ReportId = string;

/** Why something is reported. */
export type ReportReason =
  | 'spam'
  | 'fraud'
  | 'harassment'
  | 'hate'
  | 'violence'
  | 'sexual'
  | 'child-abuse'
  | 'self-harm'
  | 'illegal'
  | 'other';

/** A report that the server has taken. */
export interface Reported {
  report: ReportId;
  /** Of a message, whether the server has checked that it says what is reported. If not, whoever reads the report is told so. */
  isProven: boolean;
}

/** What a reported message says, for whoever handles the report. Of what is not proven the reporter may have made up everything. */
export interface ReportedContent {
  message: MessageId;
  body:
    | { kind: 'text'; text: string }
    /** What an earlier message says from then on. */
    | { kind: 'edit'; of: MessageId; text: string }
    /** A file, whose content is not reported. */
    | { kind: 'file'; file: FileInfo; caption: string }
    | { kind: 'other' };
}
