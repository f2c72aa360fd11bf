//! The contract of [`LogStore::write`]: Commits and members.

use super::Backend;
use super::fixture::*;
use super::log_append::{open, whole_log};
use crate::store::{Appended, ListPosition, LogStore, PageRange, Submission};
use sotto_protocol::frame::EntryKind;
use sotto_protocol::{DeviceAddress, Epoch, ProblemCode, Seq};

async fn members(log: &impl LogStore, number: u8) -> Vec<DeviceAddress> {
    log.members(chat(number)).await.unwrap().unwrap().to_vec()
}

pub(crate) async fn is_refused(log: &impl LogStore, commit: Submission) -> bool {
    matches!(write_one(log, commit).await, Appended::Refused(refused) if refused.code == ProblemCode::MembershipRefused)
}

pub(crate) async fn one_commit_is_accepted_in_an_epoch<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let outcomes = write(
        log,
        &[commits(chat, ALICE.device(1), 1), commits(chat, BOB.device(1), 2)],
    )
    .await;
    assert_eq!(position(&outcomes[0]), 1);
    assert_eq!(refusal(&outcomes[1]), ProblemCode::StaleEpoch);
    let late = write_one(log, commits(chat, BOB.device(1), 3)).await;
    assert_eq!(refusal(&late), ProblemCode::StaleEpoch);
    let group_info = log.group_info(BOB.account(), chat).await.unwrap().unwrap();
    assert_eq!(group_info.epoch, Epoch(2));
    assert_eq!(group_info.group_info.as_slice(), b"group info of 1");
    let log_of_chat = whole_log(log, BOB.device(1), chat).await;
    assert_eq!(log_of_chat.entries.len(), 1);
    assert_eq!(log_of_chat.entries[0].kind, EntryKind::Commit);
}

pub(crate) async fn later_submissions_of_a_batch_see_the_commit<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let outcomes = write(
        log,
        &[
            says(chat, BOB.device(2), 1),
            commits(chat, ALICE.device(1), 2).adding(BOB.device(2)),
            says(chat, BOB.device(1), 3),
            says(chat, BOB.device(2), 4).in_epoch(2),
            commits(chat, BOB.device(1), 5)
                .in_epoch(2)
                .removing(BOB.device(2)),
            says(chat, BOB.device(2), 6).in_epoch(3),
        ],
    )
    .await;
    assert_eq!(refusal(&outcomes[0]), ProblemCode::ChatNotFound);
    assert_eq!(position(&outcomes[1]), 1);
    assert_eq!(refusal(&outcomes[2]), ProblemCode::StaleEpoch);
    assert_eq!(position(&outcomes[3]), 2);
    assert_eq!(position(&outcomes[4]), 3);
    assert_eq!(refusal(&outcomes[5]), ProblemCode::ChatNotFound);
    let Appended::Accepted {
        removed,
        members: after,
        ..
    } = &outcomes[4]
    else {
        panic!("not accepted");
    };
    assert_eq!(removed, &[BOB.device(2)]);
    assert_eq!(**after, [ALICE.device(1), BOB.device(1)]);
    assert_eq!(members(log, 1).await, [ALICE.device(1), BOB.device(1)]);
}

pub(crate) async fn an_added_device_gets_a_welcome_and_begins_after_the_commit<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    write_one(log, says(chat, ALICE.device(1), 1)).await;
    write_one(log, commits(chat, ALICE.device(1), 2).adding(BOB.device(2))).await;
    let welcomes = log
        .pending_welcomes(BOB.device(2), ListPosition::default())
        .await
        .unwrap();
    assert_eq!(welcomes.len(), 1);
    assert_eq!(
        (welcomes[0].chat, welcomes[0].after, welcomes[0].from),
        (chat, Seq(2), ALICE.device(1))
    );
    assert_eq!(welcomes[0].payload, "later welcome");
    let standings = log
        .standings(BOB.device(2), ListPosition::default(), 10)
        .await
        .unwrap();
    assert_eq!(
        (standings[0].acknowledged, standings[0].last),
        (Some(Seq(2)), Seq(2))
    );
}

pub(crate) async fn only_devices_of_the_two_accounts_can_be_added<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let from = ALICE.device(1);
    assert!(is_refused(log, commits(chat, from, 1).adding(EVE.device(1))).await);
    assert!(is_refused(log, commits(chat, from, 1).adding(BOB.device(1))).await);
    assert!(
        is_refused(
            log,
            commits(chat, from, 1).adding(BOB.device(2)).adding(BOB.device(2))
        )
        .await
    );
    assert!(
        is_refused(
            log,
            commits(chat, from, 1).adding(BOB.device(2)).adding(EVE.device(1))
        )
        .await
    );
    assert_eq!(members(log, 1).await, [ALICE.device(1), BOB.device(1)]);
    assert_eq!(
        position(
            &write_one(
                log,
                commits(chat, from, 1)
                    .adding(BOB.device(2))
                    .adding(ALICE.device(2))
            )
            .await
        ),
        1
    );
    assert_eq!(members(log, 1).await.len(), 4);
}

pub(crate) async fn a_device_removes_devices_of_its_own_account_alone<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let from = ALICE.device(1);
    write_one(log, commits(chat, from, 1).adding(ALICE.device(2))).await;
    let removing = |device| commits(chat, from, 2).in_epoch(2).removing(device);
    assert!(is_refused(log, removing(BOB.device(1))).await);
    assert!(is_refused(log, removing(from)).await);
    assert!(is_refused(log, removing(ALICE.device(3))).await);
    assert!(is_refused(log, removing(ALICE.device(2)).removing(ALICE.device(2))).await);
    assert_eq!(position(&write_one(log, removing(ALICE.device(2))).await), 2);
}

pub(crate) async fn a_removed_device_can_neither_send_nor_read<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let gone = ALICE.device(2);
    write_one(log, commits(chat, ALICE.device(1), 1).adding(gone)).await;
    write_one(log, commits(chat, ALICE.device(1), 2).in_epoch(2).removing(gone)).await;
    let refused = write_one(log, says(chat, gone, 3).in_epoch(3)).await;
    assert_eq!(refusal(&refused), ProblemCode::ChatNotFound);
    let range = PageRange {
        after: None,
        before: None,
        limit: 10,
    };
    assert!(log.page(gone, chat, range, NOW).await.unwrap().is_none());
    assert!(
        log.pending_welcomes(gone, ListPosition::default())
            .await
            .unwrap()
            .is_empty()
    );
    let standings = log.standings(gone, ListPosition::default(), 10).await.unwrap();
    assert_eq!(standings[0].acknowledged, None);
}

pub(crate) async fn a_commit_with_a_welcome_for_nobody_or_without_one_is_refused<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let mut for_nobody = commits(chat, ALICE.device(1), 1).adding(BOB.device(2));
    for_nobody.commit.as_mut().unwrap().added.clear();
    assert!(is_refused(log, for_nobody).await);
    let mut without = commits(chat, ALICE.device(1), 1).adding(BOB.device(2));
    without.commit.as_mut().unwrap().welcome = None;
    assert!(is_refused(log, without).await);
}

pub(crate) async fn a_device_of_a_party_joins_by_external_commit<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    write_one(log, says(chat, ALICE.device(1), 1)).await;
    let joiner = BOB.device(2);
    let stale = write_one(log, commits(chat, joiner, 2).joining().in_epoch(4)).await;
    assert_eq!(refusal(&stale), ProblemCode::StaleEpoch);
    let mut with_friend = commits(chat, joiner, 2).joining();
    with_friend.commit.as_mut().unwrap().added.push(BOB.device(3));
    assert!(is_refused(log, with_friend).await);
    assert!(is_refused(log, commits(chat, joiner, 2).joining().removing(BOB.device(1))).await);

    assert_eq!(
        position(&write_one(log, commits(chat, joiner, 2).joining()).await),
        2
    );
    assert_eq!(members(log, 1).await, [ALICE.device(1), BOB.device(1), joiner]);
    let standings = log.standings(joiner, ListPosition::default(), 10).await.unwrap();
    assert_eq!(standings[0].acknowledged, Some(Seq(2)));
    assert!(
        log.pending_welcomes(joiner, ListPosition::default())
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        position(&write_one(log, says(chat, joiner, 3).in_epoch(2)).await),
        3
    );
}

pub(crate) async fn a_stranger_cannot_join_by_external_commit<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let refused = write_one(log, commits(chat, EVE.device(1), 1).joining()).await;
    assert_eq!(refusal(&refused), ProblemCode::ChatNotFound);
    assert_eq!(members(log, 1).await.len(), 2);
}

pub(crate) async fn a_device_that_lost_its_state_comes_back_by_external_commit<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let back = BOB.device(1);
    assert!(is_refused(log, commits(chat, back, 1).joining()).await);
    assert_eq!(
        position(&write_one(log, commits(chat, back, 1).joining().removing(back)).await),
        1
    );
    assert_eq!(members(log, 1).await, [ALICE.device(1), back]);
    let standings = log.standings(back, ListPosition::default(), 10).await.unwrap();
    assert_eq!(standings[0].acknowledged, Some(Seq(1)));
    let welcomes = log.pending_welcomes(back, ListPosition::default()).await.unwrap();
    assert!(welcomes.is_empty(), "the first Welcome leads nowhere any more");
}

pub(crate) async fn a_device_that_departs_is_out_of_every_chat<B: Backend>(backend: B) {
    let log = backend.log();
    open(log).await;
    log.create_chat(new_chat(2, EVE, BOB)).await.unwrap();
    write(
        log,
        &[says(chat(1), BOB.device(1), 1), says(chat(2), BOB.device(1), 1)],
    )
    .await;
    log.remove_devices(&[BOB.device(1), Person(9).device(1)])
        .await
        .unwrap();
    for (number, other) in [(1, ALICE), (2, EVE)] {
        let refused = write_one(log, says(chat(number), BOB.device(1), 2)).await;
        assert_eq!(refusal(&refused), ProblemCode::ChatNotFound);
        assert_eq!(members(log, number).await, [other.device(1)]);
        assert_eq!(
            position(&write_one(log, says(chat(number), other.device(1), 2)).await),
            2
        );
        assert_eq!(
            whole_log(log, other.device(1), chat(number)).await.entries[0].from,
            BOB.device(1)
        );
    }
    assert!(
        log.pending_welcomes(BOB.device(1), ListPosition::default())
            .await
            .unwrap()
            .is_empty()
    );
    for departed in [BOB.device(1), Person(9).device(1)] {
        let back = write_one(log, commits(chat(1), departed, 9).joining()).await;
        assert_eq!(refusal(&back), ProblemCode::ChatNotFound);
    }
    assert!(is_refused(log, commits(chat(1), ALICE.device(1), 9).adding(BOB.device(1))).await);
    // A chat that was being created when they went.
    log.create_chat(new_chat(3, ALICE, BOB)).await.unwrap();
    assert_eq!(members(log, 3).await, [ALICE.device(1)]);
    log.create_chat(new_chat(4, BOB, EVE)).await.unwrap();
    assert_eq!(members(log, 4).await, [EVE.device(1)]);
}

pub(crate) async fn a_false_claim_to_a_device_does_not_stand_in_its_way<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let claimed = DeviceAddress {
        account: ALICE.account(),
        device: BOB.device(2).device,
    };
    write_one(log, commits(chat, ALICE.device(1), 1).adding(claimed)).await;
    assert!(
        log.pending_welcomes(BOB.device(2), ListPosition::default())
            .await
            .unwrap()
            .is_empty()
    );
    let refused = write_one(log, says(chat, BOB.device(2), 2).in_epoch(2)).await;
    assert_eq!(refusal(&refused), ProblemCode::ChatNotFound);
    let joined = write_one(log, commits(chat, BOB.device(2), 3).in_epoch(2).joining()).await;
    assert_eq!(position(&joined), 2);
    assert_eq!(
        whole_log(log, BOB.device(2), chat).await.entries[1].from,
        BOB.device(2)
    );
}
