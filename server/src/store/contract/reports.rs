//! The contract of [`crate::store::ReportStore`], and of what handles reports.

use super::Backend;
use super::administration::{by, has_role};
use super::fixture::*;
use crate::store::{
    AccountStore, Actor, AdminStore, NewAct, NewChange, NewReport, OverviewStore, PerformError,
    ReportPosition, ReportStore,
};
use sotto_protocol::rest::admin::{AdminAct, AdminChange};
use sotto_protocol::rest::report::{Handled, Outcome, Reason, Report, ReportState, Said, Subject};
use sotto_protocol::{AccountId, Binary, CommunityId, MessageId, ReportId, Seq};

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

fn community(founder: Person) -> Subject {
    Subject::Community {
        community: CommunityId::from_bytes([9; 16]),
        title: "Choir".to_owned(),
        founder: founder.account(),
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

/// Handles a report as nothing to be done.
async fn dismiss(
    backend: &impl Backend,
    by: Actor,
    number: u8,
    after_millis: u64,
) -> Result<Option<AdminAct>, PerformError> {
    let act = NewAct {
        by,
        at: NOW.plus_millis(after_millis),
        change: NewChange::HandleReport {
            report: ReportId::from_bytes([number; 16]),
            outcome: Outcome::Dismissed,
        },
        reason: "a joke among friends".to_owned(),
    };
    backend.accounts().perform(act).await
}

fn dismissed(by: Option<AccountId>, after_millis: u64) -> Handled {
    Handled {
        by,
        at: NOW.plus_millis(after_millis),
        outcome: Outcome::Dismissed,
        note: "a joke among friends".to_owned(),
    }
}

async fn numbers(backend: &impl Backend, state: ReportState) -> Vec<u8> {
    let (mut numbers, mut after) = (Vec::new(), None);
    loop {
        let page = backend.accounts().reports(state, None, after, 2).await.unwrap();
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
        new(5, ALICE, community(BOB)),
    ];
    for report in &reports {
        assert!(backend.accounts().create_report(report.clone()).await.unwrap());
    }
    let backend = backend.reopen().await;
    for report in &reports {
        let read = backend.accounts().report(report.report).await.unwrap();
        assert_eq!(read, Some(kept(report.clone())));
    }
    let page = backend
        .accounts()
        .reports(ReportState::Open, None, None, 10)
        .await;
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
    assert!(takes(new(12, ALICE, community(BOB))).await);
    // Of another founder it is the same community.
    assert!(!takes(new(13, ALICE, community(EVE))).await);
    for number in [1, 5, 7, 12] {
        let act = dismiss(&backend, Actor::CommandLine, number, 1).await;
        assert!(act.unwrap().is_some());
    }
    // A message says what it says; an account, a group and a community may do more that is to be reported.
    assert!(!takes(new(9, ALICE, message(1, BOB, true))).await);
    assert!(takes(new(10, ALICE, account(BOB))).await);
    assert!(takes(new(11, ALICE, group())).await);
    assert!(takes(new(14, ALICE, community(EVE))).await);
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
        let act = dismiss(&backend, Actor::CommandLine, number, after).await;
        assert!(act.unwrap().is_some());
    }
    assert_eq!(numbers(&backend, ReportState::Open).await, [1, 3, 5, 7]);
    assert_eq!(numbers(&backend, ReportState::Handled).await, [2, 6, 4]);
}

pub(crate) async fn a_report_is_handled_once_and_forgotten_later<B: Backend>(backend: B) {
    for who in [BOB, EVE] {
        who.registers(&backend).await;
    }
    has_role(&backend, EVE, "moderator").await;
    let accounts = backend.accounts();
    for report in [
        new(1, ALICE, account(BOB)),
        new(2, BOB, account(ALICE)),
        new(3, ALICE, group()),
    ] {
        assert!(accounts.create_report(report).await.unwrap());
    }
    let act = dismiss(&backend, by(EVE), 1, 10).await.unwrap().unwrap();
    assert_eq!(act.by, Some(EVE.named()));
    assert_eq!(
        act.change,
        AdminChange::ReportHandled {
            report: ReportId::from_bytes([1; 16]),
            subject: Some(BOB.named()),
            outcome: Outcome::Dismissed,
        }
    );
    assert_eq!(act.reason, "a joke among friends");
    // It stays as it is, and nothing more is written down.
    assert_eq!(dismiss(&backend, Actor::CommandLine, 1, 20).await.unwrap(), None);
    // Nobody has ever had this account, or has it any more; a group is no account.
    for number in [2, 3] {
        let act = dismiss(&backend, Actor::CommandLine, number, 20)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(act.change.subject(), None);
    }
    let unknown = dismiss(&backend, by(EVE), 99, 10).await;
    assert!(matches!(unknown, Err(PerformError::ReportNotFound)));
    let read = async |number: u8| {
        let report = accounts.report(ReportId::from_bytes([number; 16])).await.unwrap();
        report.map(|report| report.handled)
    };
    assert_eq!(read(1).await, Some(Some(dismissed(Some(EVE.account()), 10))));
    assert_eq!(read(2).await, Some(Some(dismissed(None, 20))));
    accounts.purge_reports(NOW.plus_millis(10)).await.unwrap();
    assert_eq!(numbers(&backend, ReportState::Handled).await, [3, 2]);
    assert_eq!(read(1).await, None);
}

pub(crate) async fn nobody_sees_or_handles_what_was_reported_of_them<B: Backend>(backend: B) {
    for who in [ALICE, BOB, EVE] {
        who.registers(&backend).await;
    }
    has_role(&backend, EVE, "moderator").await;
    let accounts = backend.accounts();
    for report in [
        new(1, ALICE, account(EVE)),
        new(2, ALICE, message(2, EVE, true)),
        new(3, ALICE, account(BOB)),
        new(4, ALICE, group()),
        new(5, ALICE, community(EVE)),
    ] {
        assert!(accounts.create_report(report).await.unwrap());
    }
    let shown = async |state| -> Vec<u8> {
        let page = accounts
            .reports(state, Some(EVE.account()), None, 10)
            .await
            .unwrap();
        page.iter().map(|report| report.report.as_bytes()[0]).collect()
    };
    assert_eq!(shown(ReportState::Open).await, [3, 4]);
    for number in [1, 2, 5] {
        let refused = dismiss(&backend, by(EVE), number, 1).await;
        assert!(matches!(refused, Err(PerformError::ReportNotFound)));
    }
    let refused = dismiss(&backend, by(BOB), 3, 1).await;
    assert!(matches!(refused, Err(PerformError::Forbidden)));
    for number in 1..=4 {
        dismiss(&backend, Actor::CommandLine, number, number.into())
            .await
            .unwrap();
    }
    assert_eq!(shown(ReportState::Handled).await, [4, 3]);
}

pub(crate) async fn the_names_of_accounts_are_known_as_long_as_these_are_there<B: Backend>(backend: B) {
    for who in [EVE, ALICE, BOB] {
        who.registers(&backend).await;
    }
    backend
        .accounts()
        .delete_account(BOB.account(), NOW)
        .await
        .unwrap();
    let all = [EVE, BOB, ALICE].map(Person::account);
    let names = backend.accounts().names_of(&all).await.unwrap();
    assert_eq!(names, [ALICE.named(), EVE.named()]);
    assert_eq!(backend.accounts().names_of(&[]).await.unwrap(), []);
}
