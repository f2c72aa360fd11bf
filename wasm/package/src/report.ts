import type { CommunityId } from './community.js';
import type { FileInfo } from './file.js';
import type { AccountId, ChatId, MessageId } from './api.js';

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

/** What a reported message says. Of what is not proven the reporter may have made up everything. */
export interface ReportedMessage {
  message: MessageId;
  /** When the server took it, if it is proven. */
  at?: number;
  /** Absent if it cannot be read. */
  body?: ReportedBody;
}

export type ReportedBody =
  | { kind: 'text'; text: string }
  /** What an earlier message says from then on. */
  | { kind: 'edit'; of: MessageId; text: string }
  /** A file, whose content is not reported. */
  | { kind: 'file'; file: FileInfo; caption: string }
  | { kind: 'other' };

/** Which reports: those that wait, the oldest first; or those that somebody has handled, the latest first. */
export type ReportState = 'open' | 'handled';

/** What came of a report: there was nothing to do, or something was done. */
export type ReportOutcome = 'dismissed' | 'acted';

/** An account in a report. Without a name it is not there any more. */
export interface ConcernedAccount {
  account: AccountId;
  name?: string;
}

/** A report, for whoever handles it. */
export interface Report {
  report: ReportId;
  at: number;
  by: ConcernedAccount;
  subject: ReportSubject;
  reason: ReportReason;
  /** In the reporter's words; may be empty. */
  comment: string;
  handled?: {
    /** Absent: whoever has the server's command line. */
    by?: ConcernedAccount;
    at: number;
    outcome: ReportOutcome;
    note: string;
  };
}

export type ReportSubject =
  /** `said`: the message, and edits of it behind it; empty in a list. `isProven`: whether the server has checked it. */
  | { kind: 'message'; chat: ChatId; from: ConcernedAccount; isProven: boolean; said: ReportedMessage[] }
  | { kind: 'account'; account: ConcernedAccount }
  | { kind: 'group'; group: ChatId }
  /** As it was when it was reported. */
  | { kind: 'community'; community: CommunityId; title: string; founder: ConcernedAccount };

/** A page of reports. */
export interface Reports {
  reports: Report[];
  next?: string;
}

export interface ReportsPage {
  state: ReportState;
  /** At most so many; 50 if it is absent, and 100 at most. */
  limit?: number;
  /** `next` of the page before. */
  after?: string;
}
