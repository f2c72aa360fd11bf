import type { ConcernedAccount, Report, ReportedBody, ReportReason, ReportSubject } from '@sotto/client';
import { t } from '../language/catalogue';
import type { Option } from './option';
import { fullTime } from './time';

const REASONS: readonly ReportReason[] = [
  'spam',
  'fraud',
  'harassment',
  'hate',
  'violence',
  'sexual',
  'child-abuse',
  'self-harm',
  'illegal',
  'other',
];

/** Why something can be reported. */
export function reportReasons(): Option<ReportReason>[] {
  return REASONS.map((value) => ({ value, label: t(`reports.${value}`) }));
}

/** The name of an account in a report. */
export function nameInReport(account: ConcernedAccount): string {
  return account.name ?? t('reports.goneAccount');
}

/** What a report is about. */
export function subjectWords({ subject }: Report): string {
  switch (subject.kind) {
    case 'message':
      return t('reports.aboutMessage', { name: nameInReport(subject.from) });
    case 'account':
      return nameInReport(subject.account);
    case 'group':
      return t('reports.aboutGroup', { id: subject.group });
    case 'community':
      return t('reports.aboutCommunity', { title: subject.title, name: nameInReport(subject.founder) });
  }
}

/** The account that a report is about, if it is about one that is still there: of a community its founder. */
export function reportedAccount({ subject }: Report): Required<ConcernedAccount> | undefined {
  const concerned = concernedBy(subject);
  if (concerned?.name === undefined) return undefined;
  return { account: concerned.account, name: concerned.name };
}

function concernedBy(subject: ReportSubject): ConcernedAccount | undefined {
  switch (subject.kind) {
    case 'message':
      return subject.from;
    case 'account':
      return subject.account;
    case 'group':
      return undefined;
    case 'community':
      return subject.founder;
  }
}

/** What a reported message says. */
export function reportedWords(body: ReportedBody | undefined): string {
  switch (body?.kind) {
    case 'text':
      return body.text;
    case 'edit':
      return t('reports.edited', { text: body.text });
    case 'file':
      return [t('reports.file', { name: body.file.name }), body.caption].filter(Boolean).join('\n');
    case 'other':
    case undefined:
      return t('reports.cannotBeRead');
  }
}

/** Who has handled a report, and how. */
export function handledWords({ by, at, outcome }: NonNullable<Report['handled']>): string {
  const name = by ? nameInReport(by) : t('administration.commandLine');
  const time = fullTime(at);
  return outcome === 'acted'
    ? t('reports.handledActed', { name, time })
    : t('reports.handledDismissed', { name, time });
}
