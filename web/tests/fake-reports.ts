import type {
  AccountId,
  ChatId,
  CommunityId,
  Report,
  Reported,
  ReportOutcome,
  ReportReason,
  Reports,
  ReportsPage,
} from '@sotto/client';
import { FakeCalls, problem } from './fake-calls';

/** What the fake client reports. */
export class FakeReports extends FakeCalls {
  /** Whether the server can check what is reported. */
  canProve = true;

  async reportMessage(chat: ChatId, message: string, reason: ReportReason, comment: string): Promise<Reported> {
    this.called('reportMessage', `${chat} ${message} ${reason} ${comment}`);
    return { report: 'report', isProven: this.canProve };
  }

  async reportUnproven(
    chat: ChatId,
    message: string,
    from: AccountId,
    text: string,
    reason: ReportReason,
    comment: string,
  ): Promise<Reported> {
    this.called('reportUnproven', `${chat} ${message} ${from} ${text} ${reason} ${comment}`);
    return { report: 'report', isProven: false };
  }

  async reportPerson(account: AccountId, reason: ReportReason, comment: string): Promise<Reported> {
    this.called('reportPerson', `${account} ${reason} ${comment}`);
    return { report: 'report', isProven: false };
  }

  async reportGroup(group: ChatId, reason: ReportReason, comment: string): Promise<Reported> {
    this.called('reportGroup', `${group} ${reason} ${comment}`);
    return { report: 'report', isProven: false };
  }

  async reportCommunity(community: CommunityId, reason: ReportReason, comment: string): Promise<Reported> {
    this.called('reportCommunity', `${community} ${reason} ${comment}`);
    return { report: 'report', isProven: false };
  }

  /** The oldest first. */
  taken: Report[] = [];

  async listReports({ state, limit = 50, after = '0' }: ReportsPage): Promise<Reports> {
    this.called('listReports', state);
    const of = this.taken.filter(({ handled }) => (handled !== undefined) === (state === 'handled')).map(withoutWords);
    const from = Number(after);
    const reports = of.slice(from, from + limit);
    return from + limit < of.length ? { reports, next: String(from + limit) } : { reports };
  }

  async readReport(report: string): Promise<Report> {
    this.called('readReport', report);
    const found = this.taken.find((one) => one.report === report);
    if (!found) throw problem('report-not-found');
    return found;
  }

  async handleReport(report: string, outcome: ReportOutcome, note: string): Promise<Report> {
    this.called('handleReport', `${report} ${outcome} ${note}`);
    const found = await this.readReport(report);
    const handled = { ...found, handled: { at: Date.now(), outcome, note } };
    this.taken = this.taken.map((one) => (one === found ? handled : one));
    return handled;
  }
}

/** As it stands in a list. */
function withoutWords(report: Report): Report {
  return report.subject.kind === 'message' ? { ...report, subject: { ...report.subject, said: [] } } : report;
}
