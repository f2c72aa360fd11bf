import type { AccountId, ChatId, Reported, ReportedContent, ReportReason } from '@sotto/client';
import { FakeCalls } from './fake-calls';

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

  async readReported(): Promise<ReportedContent | undefined> {
    return undefined;
  }
}
