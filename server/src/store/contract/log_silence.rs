//! The contract of [`LogStore::silence`].

use super::Backend;
use super::fixture::*;
use super::log_append::{open, whole_log};
use crate::store::{Appended, LogStore, Submission};
use sotto_protocol::{ProblemCode, Retention};

pub(crate) async fn what_a_silenced_account_sends_is_refused<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    assert_eq!(position(&write_one(log, says(chat, BOB.device(1), 1)).await), 1);
    assert!(log.silence(chat, BOB.account(), true).await.unwrap());
    let again = says(chat, BOB.device(1), 1);
    let outcomes = write(
        log,
        &[
            says(chat, BOB.device(1), 2),
            says(chat, BOB.device(1), 3).kept(Retention::Never),
            commits(chat, BOB.device(1), 4),
            commits(chat, BOB.device(2), 5).joining(),
            says(chat, ALICE.device(1), 6),
            // What was accepted stays so, whoever asks.
            again,
        ],
    )
    .await;
    for refused in &outcomes[..4] {
        assert_eq!(refusal(refused), ProblemCode::Undeliverable);
    }
    assert_eq!(position(&outcomes[4]), 2);
    assert!(matches!(outcomes[5], Appended::Duplicate { seq, .. } if seq.0 == 1));
    let members = log.members(chat).await.unwrap().unwrap();
    assert_eq!(members.silenced, [BOB.account()]);
    assert_eq!(members.len(), 2);
    // The silenced account still reads.
    assert_eq!(whole_log(log, BOB.device(1), chat).await.entries.len(), 2);

    let backend = backend.reopen().await;
    let log = backend.log();
    let refused = write_one(log, says(chat, BOB.device(1), 7)).await;
    assert_eq!(refusal(&refused), ProblemCode::Undeliverable);
    assert!(log.silence(chat, BOB.account(), false).await.unwrap());
    assert_eq!(position(&write_one(log, says(chat, BOB.device(1), 7)).await), 3);
    assert_eq!(log.members(chat).await.unwrap().unwrap().silenced, []);
}

pub(crate) async fn only_a_party_of_a_chat_is_silenced<B: Backend>(backend: B) {
    let log = backend.log();
    let open = open(log).await;
    assert!(!log.silence(chat(9), BOB.account(), true).await.unwrap());
    assert!(!log.silence(open, EVE.account(), true).await.unwrap());
    assert_eq!(position(&write_one(log, says(open, BOB.device(1), 1)).await), 1);
}

pub(crate) async fn a_commit_against_which_something_was_found_is_refused<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let mut unwelcome = commits(chat, ALICE.device(1), 1).adding(ALICE.device(2));
    let found = |submission: &mut Submission, refusal| {
        submission.commit.as_mut().unwrap().findings.refusal = refusal;
    };
    for code in [ProblemCode::MembershipRefused, ProblemCode::StatementRefused] {
        found(&mut unwelcome, Some(code));
        assert_eq!(refusal(&write_one(log, unwelcome.clone()).await), code);
    }
    found(&mut unwelcome, None);
    assert_eq!(position(&write_one(log, unwelcome.clone()).await), 1);
    // What was accepted before is not refused afterwards.
    found(&mut unwelcome, Some(ProblemCode::StatementRefused));
    assert!(matches!(
        write_one(log, unwelcome).await,
        Appended::Duplicate { .. }
    ));
}
