//! The contract of [`crate::store::ReportStore`].

use super::Backend;
use super::fixture::*;
use crate::store::{Handling, NewReport, ReportPosition, ReportState, ReportStore};
use sotto_protocol::rest::report::{Handled, Outcome, Reason, Report, Said, Subject};
use sotto_protocol::{Binary, MessageId, ReportId, Seq};

/// A report with this number, of the same time as others.
fn new(number: u8, by: Person, subject: Subject) -> NewReport {
    NewReport {
        report: ReportId::from_bytes([number; 16]),
        at: NOW,
        by: by.account(),
        subject,
        reason: Reason::Harassment,
        comment: format!("report {number}"),
    }
}

fn message(number: u8, from: Person, is_proven: bool) -> Subject {
    let said = |number: u8| Said {
        message: MessageId::from_bytes([number; 16]),
        seq: is_proven.then_some(Seq(number.into())),
        at: is_proven.then_some(NOW),
        content: Binary::from(vec![number; 300]),
    };
    Subject::Message {
        chat: chat(1),
        from: from.account(),
        is_proven,
        said: vec![said(number), said(number + 1)],
    }
}

fn account(whose: Person) -> Subject {
    Subject::Account {
        account: whose.account(),
    }
}

fn group() -> Subject {
    Subject::Group { group: chat(9) }
}

fn kept(new: NewReport) -> Report {
    Report {
        report: new.report,
        at: new.at,
        by: new.by,
        subject: new.subject,
        reason: new.reason,
        comment: new.comment,
        handled: None,
    }
}

/// As it stands in a list.
fn listed(new: NewReport) -> Report {
    let mut report = kept(new);
    if let Subject::Message { said, .. } = &mut report.subject {
        said.clear();
    }
    report
}

fn dismissed(after_millis: u64) -> Handled {
    Handled {
        by: Some(EVE.account()),
        at: NOW.plus_millis(after_millis),
        outcome: Outcome::Dismissed,
        note: "a joke among friends".to_owned(),
    }
}

async fn numbers(backend: &impl Backend, state: ReportState) -> Vec<u8> {
    let (mut numbers, mut after) = (Vec::new(), None);
    loop {
        let page = backend.accounts().reports(state, after, 2).await.unwrap();
        let Some(last) = page.last() else {
            return numbers;
        };
        after = Some(ReportPosition::of(last));
        numbers.extend(page.iter().map(|report| report.report.as_bytes()[0]));
    }
}

pub(crate) async fn a_report_is_read_as_it_was_kept<B: Backend>(backend: B) {
    let reports = [
        new(1, ALICE, message(1, BOB, true)),
        new(2, ALICE, message(3, BOB, false)),
        new(3, ALICE, account(BOB)),
        new(4, ALICE, group()),
    ];
    for report in &reports {
        assert!(backend.accounts().create_report(report.clone()).await.unwrap());
    }
    let backend = backend.reopen().await;
    for report in &reports {
        let read = backend.accounts().report(report.report).await.unwrap();
        assert_eq!(read, Some(kept(report.clone())));
    }
    let page = backend.accounts().reports(ReportState::Open, None, 10).await;
    assert_eq!(page.unwrap(), reports.map(listed));
    let unknown = ReportId::from_bytes([99; 16]);
    assert_eq!(backend.accounts().report(unknown).await.unwrap(), None);
}

pub(crate) async fn an_account_reports_the_same_once<B: Backend>(backend: B) {
    let takes = async |report: NewReport| backend.accounts().create_report(report).await.unwrap();
    assert!(takes(new(1, ALICE, message(1, BOB, true))).await);
    // With less proof and fewer edits it is the same message; of another account it is another.
    assert!(!takes(new(2, ALICE, message(1, BOB, false))).await);
    assert!(takes(new(3, ALICE, message(1, EVE, true))).await);
    assert!(takes(new(4, EVE, message(1, BOB, true))).await);
    assert!(takes(new(5, ALICE, account(BOB))).await);
    assert!(!takes(new(6, ALICE, account(BOB))).await);
    assert!(takes(new(7, ALICE, group())).await);
    assert!(!takes(new(8, ALICE, group())).await);
    for number in [1, 5, 7] {
        let report = ReportId::from_bytes([number; 16]);
        let handling = backend.accounts().handle_report(report, dismissed(1)).await;
        assert_eq!(handling.unwrap(), Handling::Done);
    }
    // A message says what it says; an account and a group may do more that is to be reported.
    assert!(!takes(new(9, ALICE, message(1, BOB, true))).await);
    assert!(takes(new(10, ALICE, account(BOB))).await);
    assert!(takes(new(11, ALICE, group())).await);
}

pub(crate) async fn open_reports_are_listed_with_the_oldest_first_and_handled_ones_with_the_latest<
    B: Backend,
>(
    backend: B,
) {
    for number in 1..=7 {
        let mut report = new(number, ALICE, message(number, BOB, true));
        // Of two that came at the same time the id decides.
        report.at = NOW.plus_millis(u64::from(number) / 2);
        assert!(backend.accounts().create_report(report).await.unwrap());
    }
    assert_eq!(numbers(&backend, ReportState::Open).await, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(numbers(&backend, ReportState::Handled).await, [0; 0]);
    for (number, after) in [(4, 100), (2, 200), (6, 100)] {
        let report = ReportId::from_bytes([number; 16]);
        let handling = backend.accounts().handle_report(report, dismissed(after)).await;
        assert_eq!(handling.unwrap(), Handling::Done);
    }
    assert_eq!(numbers(&backend, ReportState::Open).await, [1, 3, 5, 7]);
    assert_eq!(numbers(&backend, ReportState::Handled).await, [2, 6, 4]);
}

pub(crate) async fn a_report_is_handled_once_and_forgotten_later<B: Backend>(backend: B) {
    let accounts = backend.accounts();
    let [first, second] = [new(1, ALICE, account(BOB)), new(2, BOB, account(ALICE))];
    for report in [&first, &second] {
        assert!(accounts.create_report(report.clone()).await.unwrap());
    }
    let by_command_line = Handled {
        by: None,
        outcome: Outcome::Acted,
        ..dismissed(20)
    };
    for (report, handled, handling) in [
        (first.report, dismissed(10), Handling::Done),
        (first.report, by_command_line.clone(), Handling::Before),
        (second.report, by_command_line.clone(), Handling::Done),
        (ReportId::from_bytes([99; 16]), dismissed(10), Handling::NotFound),
    ] {
        assert_eq!(accounts.handle_report(report, handled).await.unwrap(), handling);
    }
    let read = accounts.report(first.report).await.unwrap().unwrap();
    assert_eq!(read.handled, Some(dismissed(10)));
    let read = accounts.report(second.report).await.unwrap().unwrap();
    assert_eq!(read.handled, Some(by_command_line));
    accounts.purge_reports(NOW.plus_millis(10)).await.unwrap();
    assert_eq!(numbers(&backend, ReportState::Handled).await, [2]);
    assert_eq!(backend.accounts().report(first.report).await.unwrap(), None);
}
