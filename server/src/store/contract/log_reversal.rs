//! The contract of [`LogStore::object`]: Commits that are taken back.

use super::Backend;
use super::fixture::*;
use super::log_append::{open, whole_log};
use super::log_commit::is_refused;
use super::log_group::leaves;
use crate::store::objection::HEARING_MILLIS;
use crate::store::{
    Appended, CursorAdvance, ListPosition, LogStore, Objected, Objection, Submission, TakenBack, WriteBatch,
};
use sotto_protocol::chat_rules::{JoinPolicy, Role};
use sotto_protocol::frame::{EntryKind, Reversal};
use sotto_protocol::{
    AccountId, ChatId, ChatRules, DeviceAddress, Epoch, GroupRules, ProblemCode, Retention, Seq, limits,
};

const DAN: Person = Person(4);

async fn object_at(
    log: &impl LogStore,
    from: DeviceAddress,
    seq: u64,
    after_millis: u64,
) -> Option<Objected> {
    log.object(Objection {
        chat: chat(1),
        from,
        seq: Seq(seq),
        at: NOW.plus_millis(after_millis),
    })
    .await
    .unwrap()
}

/// Objects when everybody had the time to be heard.
async fn object(log: &impl LogStore, from: DeviceAddress, seq: u64) -> Option<Objected> {
    object_at(log, from, seq, HEARING_MILLIS).await
}

fn taken_back(objected: Option<Objected>) -> TakenBack {
    match objected {
        Some(Objected::TakenBack(taken_back)) => *taken_back,
        other => panic!("not taken back: {other:?}"),
    }
}

/// Group 1 of Alice, who owns it, Bob, Eve and Dan.
async fn open_group(log: &impl LogStore) -> ChatId {
    let group = new_group(1, ALICE, &[BOB, EVE, DAN]);
    log.create_chat(group).await.unwrap();
    chat(1)
}

fn rules() -> GroupRules {
    group_rules(ALICE)
}

fn commits_in(rules: &GroupRules, from: DeviceAddress, number: u32) -> Submission {
    commits(chat(1), from, number).under(&ChatRules::Group(rules.clone()))
}

async fn acknowledge(log: &impl LogStore, device: DeviceAddress, seq: u64) {
    let cursors = [CursorAdvance {
        device,
        chat: chat(1),
        acknowledged: Seq(seq),
    }];
    let batch = WriteBatch {
        submissions: &[],
        cursors: &cursors,
        markers: &[],
        at: NOW,
    };
    log.write(batch).await.unwrap();
}

async fn epoch(log: &impl LogStore) -> Epoch {
    let info = log.group_info(ALICE.account(), chat(1)).await.unwrap().unwrap();
    info.epoch
}

async fn members(log: &impl LogStore) -> Vec<DeviceAddress> {
    let mut members = log.members(chat(1)).await.unwrap().unwrap().to_vec();
    members.sort_unstable();
    members
}

async fn parties(log: &impl LogStore) -> Vec<AccountId> {
    let mut parties = log.parties(chat(1)).await.unwrap();
    parties.sort_unstable();
    parties
}

fn kinds(page: &sotto_protocol::frame::Page) -> Vec<EntryKind> {
    page.entries.iter().map(|entry| entry.kind).collect()
}

pub(crate) async fn a_commit_is_taken_back_with_all_that_came_after_it<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    write(
        log,
        &[
            says(chat, ALICE.device(1), 1),
            commits(chat, ALICE.device(1), 2),
            says(chat, ALICE.device(1), 3).in_epoch(2),
            says(chat, ALICE.device(1), 4)
                .in_epoch(2)
                .kept(Retention::For { seconds: 60 }),
        ],
    )
    .await;
    let taken_back = taken_back(object(log, BOB.device(1), 2).await);
    let reversal = Reversal {
        first: Seq(2),
        epoch: Epoch(1),
    };
    assert_eq!(
        taken_back,
        TakenBack {
            seq: Seq(5),
            reversal,
            from: ALICE.device(1),
            message: message(2),
            members: vec![ALICE.device(1), BOB.device(1)],
            removed: Vec::new(),
        }
    );
    let page = whole_log(log, BOB.device(1), chat).await;
    assert_eq!(page.last, Seq(5));
    let gone = EntryKind::TakenBack;
    assert_eq!(
        kinds(&page),
        [EntryKind::Application, gone, gone, gone, EntryKind::Reversal]
    );
    for entry in &page.entries[1..4] {
        assert!(entry.payload.is_empty());
    }
    assert_eq!(page.entries[0].payload, "message 1");
    assert_eq!(Reversal::decode(&page.entries[4].payload), Ok(reversal));
    assert_eq!(
        (page.entries[4].from, page.entries[4].message),
        (ALICE.device(1), message(2))
    );

    // The chat goes on where it was, and has a GroupInfo again with the next Commit.
    assert_eq!(epoch(log).await, Epoch(1));
    let info = log.group_info(BOB.account(), chat).await.unwrap().unwrap();
    assert!(info.group_info.as_slice().is_empty());
    let late = write_one(log, says(chat, BOB.device(1), 5).in_epoch(2)).await;
    assert_eq!(refusal(&late), ProblemCode::StaleEpoch);
    assert_eq!(position(&write_one(log, says(chat, BOB.device(1), 5)).await), 6);
    assert_eq!(
        position(&write_one(log, commits(chat, BOB.device(1), 6)).await),
        7
    );
    let info = log.group_info(BOB.account(), chat).await.unwrap().unwrap();
    assert_eq!(
        (info.epoch, info.group_info.as_slice()),
        (Epoch(2), &b"group info of 6"[..])
    );
    // What is known of the Commit is gone with it, and the next one can be taken back as well.
    assert_eq!(object(log, BOB.device(1), 2).await, Some(Objected::WasTakenBack));
    let again = taken_back_by_alice(log).await;
    assert_eq!((again.seq, again.from), (Seq(8), BOB.device(1)));
}

async fn taken_back_by_alice(log: &impl LogStore) -> TakenBack {
    taken_back(object(log, ALICE.device(1), 7).await)
}

pub(crate) async fn members_parties_and_cursors_are_what_they_were<B: Backend>(backend: B) {
    let log = backend.log();
    open_group(log).await;
    write_one(log, says(chat(1), BOB.device(1), 1)).await;
    acknowledge(log, DAN.device(1), 1).await;
    let before = (members(log).await, parties(log).await);
    let mut after = rules();
    after.appoint(BOB.party(), Role::Admin);
    assert_eq!(
        position(&write_one(log, commits_in(&after, ALICE.device(1), 2)).await),
        2
    );
    // Bob throws Dan out, and brings Fay in.
    let fay = Person(5);
    after.removals = 1;
    let change = commits_in(&after, BOB.device(1), 3)
        .in_epoch(2)
        .removing(DAN.device(1))
        .adding(fay.device(1));
    assert_eq!(position(&write_one(log, change).await), 3);
    assert_ne!(members(log).await, before.0);
    let told = taken_back(object(log, ALICE.device(1), 3).await);
    assert_eq!(told.removed, [fay.device(1)]);
    assert!(told.members.contains(&DAN.device(1)));
    assert_eq!((members(log).await, parties(log).await), before);
    let welcomes = log
        .pending_welcomes(fay.device(1), ListPosition::default())
        .await
        .unwrap();
    assert!(welcomes.is_empty());
    assert!(
        log.standings(fay.device(1), ListPosition::default(), 10)
            .await
            .unwrap()
            .is_empty()
    );
    let standings = log
        .standings(DAN.device(1), ListPosition::default(), 10)
        .await
        .unwrap();
    assert_eq!(standings[0].acknowledged, Some(Seq(1)));
    // The rules too: Bob is an admin, as before this Commit.
    let standing = log.group_standings(&[chat(1)]).await.unwrap().remove(0);
    let role = standing
        .rules
        .role_of(&sotto_protocol::chat_rules::Member::from(BOB.device(1)));
    assert_eq!((role, standing.rules.removals), (Role::Admin, 0));
    assert_eq!(
        position(&write_one(log, says(chat(1), DAN.device(1), 4).in_epoch(2)).await),
        5
    );
}

pub(crate) async fn a_row_of_commits_is_taken_back_to_the_first<B: Backend>(backend: B) {
    let log = backend.log();
    open_group(log).await;
    let mut listed = rules();
    listed.removals = 0;
    write(
        log,
        &[
            commits_in(&listed, EVE.device(1), 1),
            commits_in(&listed, EVE.device(1), 2)
                .in_epoch(2)
                .adding(Person(5).device(1)),
            commits_in(&listed, EVE.device(1), 3)
                .in_epoch(3)
                .adding(EVE.device(2)),
            commits_in(&listed, EVE.device(2), 4)
                .in_epoch(4)
                .removing(EVE.device(1)),
        ],
    )
    .await;
    // Eve's new friend has no say.
    acknowledge(log, Person(5).device(1), 4).await;
    let told = taken_back(object(log, ALICE.device(1), 1).await);
    assert_eq!((told.seq, told.reversal.epoch), (Seq(5), Epoch(1)));
    assert_eq!(
        members(log).await,
        [ALICE.device(1), BOB.device(1), EVE.device(1), DAN.device(1)]
    );
    assert_eq!(epoch(log).await, Epoch(1));
    assert_eq!(
        kinds(&whole_log(log, BOB.device(1), chat(1)).await)[..4],
        [EntryKind::TakenBack; 4]
    );
}

pub(crate) async fn what_another_has_built_on_needs_more_who_object<B: Backend>(backend: B) {
    let log = backend.log();
    open_group(log).await;
    write(
        log,
        &[
            commits_in(&rules(), EVE.device(1), 1),
            commits_in(&rules(), DAN.device(1), 2).in_epoch(2),
        ],
    )
    .await;
    assert_eq!(object(log, ALICE.device(1), 1).await, Some(Objected::Noted));
    taken_back(object(log, BOB.device(1), 1).await);
    assert_eq!(epoch(log).await, Epoch(1));
}

pub(crate) async fn objections_are_kept_until_there_are_enough<B: Backend>(backend: B) {
    let log = backend.log();
    open_group(log).await;
    write_one(log, commits_in(&rules(), EVE.device(1), 1)).await;
    acknowledge(log, DAN.device(1), 1).await;
    assert_eq!(object_at(log, ALICE.device(1), 1, 0).await, Some(Objected::Noted));
    assert_eq!(object(log, ALICE.device(1), 1).await, Some(Objected::Noted));
    let backend = backend.reopen().await;
    let log = backend.log();
    assert_eq!(epoch(log).await, Epoch(2));
    taken_back(object(log, BOB.device(1), 1).await);
    assert_eq!(epoch(log).await, Epoch(1));
}

pub(crate) async fn only_another_members_objection_counts<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    write(
        log,
        &[
            commits(chat, ALICE.device(1), 1).adding(ALICE.device(2)),
            says(chat, BOB.device(1), 2).in_epoch(2),
        ],
    )
    .await;
    assert_eq!(object(log, EVE.device(1), 1).await, None);
    assert_eq!(object(log, BOB.device(2), 1).await, None);
    assert_eq!(object(log, ALICE.device(1), 1).await, Some(Objected::Final));
    assert_eq!(object(log, ALICE.device(2), 1).await, Some(Objected::Final));
    for nothing in [0, 2, 3, u64::MAX] {
        assert_eq!(object(log, BOB.device(1), nothing).await, Some(Objected::Final));
    }
    assert_eq!(epoch(log).await, Epoch(2));
    taken_back(object(log, BOB.device(1), 1).await);
}

pub(crate) async fn the_committer_commits_no_more_until_it_is_added_anew<B: Backend>(backend: B) {
    let log = backend.log();
    open_group(log).await;
    write_one(log, commits_in(&rules(), EVE.device(1), 1)).await;
    taken_back(object(log, ALICE.device(1), 1).await);
    assert!(is_refused(log, commits_in(&rules(), EVE.device(1), 2)).await);
    // It may speak, and come back alone, also with another device; and commits all the same no more.
    assert_eq!(
        position(&write_one(log, says(chat(1), EVE.device(1), 3)).await),
        3
    );
    let other = commits_in(&rules(), EVE.device(2), 4).joining();
    assert_eq!(position(&write_one(log, other).await), 4);
    assert!(is_refused(log, commits_in(&rules(), EVE.device(2), 5).in_epoch(2)).await);
    let backend = backend.reopen().await;
    let log = backend.log();
    assert!(is_refused(log, commits_in(&rules(), EVE.device(1), 5).in_epoch(2)).await);
    let mut after = rules();
    after.removals = 1;
    let removing = commits_in(&after, ALICE.device(1), 6)
        .in_epoch(2)
        .removing(EVE.device(1))
        .removing(EVE.device(2));
    assert_eq!(position(&write_one(log, removing).await), 5);
    let adding = commits_in(&after, BOB.device(1), 7)
        .in_epoch(3)
        .adding(EVE.device(1));
    assert_eq!(position(&write_one(log, adding).await), 6);
    let again = commits_in(&after, EVE.device(1), 8).in_epoch(4);
    assert_eq!(position(&write_one(log, again).await), 7);
}

pub(crate) async fn who_departed_or_left_meanwhile_stays_out<B: Backend>(backend: B) {
    let log = backend.log();
    open_group(log).await;
    let mut after = rules();
    after.appoint(BOB.party(), Role::Admin);
    write_one(log, commits_in(&after, ALICE.device(1), 1)).await;
    after.removals = 1;
    let removing = commits_in(&after, BOB.device(1), 2)
        .in_epoch(2)
        .removing(DAN.device(1));
    assert_eq!(position(&write_one(log, removing).await), 2);
    log.remove_devices(&[DAN.device(1)]).await.unwrap();
    assert!(leaves(log, EVE).await);
    let told = taken_back(object(log, ALICE.device(1), 2).await);
    assert_eq!(told.members, [ALICE.device(1), BOB.device(1)]);
    assert_eq!(members(log).await, [ALICE.device(1), BOB.device(1)]);
    assert_eq!(
        parties(log).await,
        [ALICE.account(), BOB.account(), DAN.account()]
    );
    // Their leaves are there all the same, and waits for a Commit that removes them.
    after.removals = 1;
    let removing = commits_in(&after, ALICE.device(1), 3)
        .in_epoch(2)
        .removing(DAN.device(1))
        .removing(EVE.device(1));
    assert_eq!(position(&write_one(log, removing).await), 4);
}

pub(crate) async fn what_was_taken_back_is_no_duplicate<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    write(
        log,
        &[
            commits(chat, ALICE.device(1), 1),
            says(chat, ALICE.device(1), 2).in_epoch(2),
        ],
    )
    .await;
    taken_back(object(log, BOB.device(1), 1).await);
    let again = write_one(log, says(chat, ALICE.device(1), 2)).await;
    assert!(matches!(
        again,
        Appended::Accepted {
            seq: Some(Seq(4)),
            ..
        }
    ));
    let duplicate = write_one(log, says(chat, ALICE.device(1), 2)).await;
    assert!(matches!(duplicate, Appended::Duplicate { seq: Seq(4), .. }));
    let backend = backend.reopen().await;
    let duplicate = write_one(backend.log(), says(chat, ALICE.device(1), 2)).await;
    assert!(matches!(duplicate, Appended::Duplicate { seq: Seq(4), .. }));
}

pub(crate) async fn a_commit_that_was_followed_by_too_many_is_final<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let count = u32::try_from(limits::REVERSIBLE_COMMITS).unwrap() + 1;
    let row: Vec<Submission> = (1..=count)
        .map(|number| commits(chat, ALICE.device(1), number).in_epoch(u64::from(number)))
        .collect();
    write(log, &row).await;
    assert_eq!(object(log, BOB.device(1), 1).await, Some(Objected::Final));
    let told = taken_back(object(log, BOB.device(1), 2).await);
    assert_eq!(told.reversal.epoch, Epoch(2));
}

pub(crate) async fn a_reversal_survives_a_restart<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let joining = commits(chat, ALICE.device(2), 1).joining();
    assert_eq!(position(&write_one(log, joining).await), 1);
    taken_back(object(log, BOB.device(1), 1).await);
    let backend = backend.reopen().await;
    let log = backend.log();
    assert_eq!(members(log).await, [ALICE.device(1), BOB.device(1)]);
    assert_eq!(epoch(log).await, Epoch(1));
    let page = whole_log(log, BOB.device(1), chat).await;
    assert_eq!(kinds(&page), [EntryKind::TakenBack, EntryKind::Reversal]);
    assert_eq!(object(log, BOB.device(1), 1).await, Some(Objected::WasTakenBack));
    assert_eq!(position(&write_one(log, says(chat, BOB.device(1), 2)).await), 3);
}

pub(crate) async fn an_account_joins_alone_a_few_times_after_its_commits_were_taken_back<B: Backend>(
    backend: B,
) {
    let log = backend.log();
    let mut group = new_group(1, ALICE, &[BOB, DAN]);
    let open = GroupRules {
        join_policy: JoinPolicy::Open,
        ..rules()
    };
    group.rules = ChatRules::Group(open.clone()).into();
    log.create_chat(group).await.unwrap();
    let mut number = 0;
    let mut last = 0;
    for _ in 0..=limits::REFUSED_JOINS {
        number += 1;
        let joining = commits_in(&open, EVE.device(1), number)
            .joining_as_newcomer()
            .after(last);
        let seq = position(&write_one(log, joining).await);
        let told = taken_back(object(log, ALICE.device(1), seq).await);
        assert_eq!(told.removed, [EVE.device(1)]);
        last = told.seq.0;
    }
    let joining = commits_in(&open, EVE.device(1), number + 1)
        .joining_as_newcomer()
        .after(last);
    assert!(is_refused(log, joining).await);
}
