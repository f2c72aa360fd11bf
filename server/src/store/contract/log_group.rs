//! The contract of [`LogStore`]: groups.

use super::Backend;
use super::fixture::*;
use super::log_append::whole_log;
use super::log_commit::is_refused;
use crate::store::{Appended, ChatCreation, GroupChange, Leaving, ListPosition, LogStore, PageRange};
use sotto_protocol::chat_rules::{Approvers, Inviters, JoinPolicy, Role};
use sotto_protocol::{
    AccountId, ChatId, ChatRules, DeviceAddress, Epoch, GroupRules, ProblemCode, Seq, Suite,
};

const DAN: Person = Person(4);

/// Group 1 of Alice, who owns it, and Bob.
pub(super) async fn open(log: &impl LogStore, rules: &GroupRules) -> ChatId {
    let mut group = new_group(1, ALICE, &[BOB]);
    group.rules = ChatRules::Group(rules.clone()).into();
    assert_eq!(log.create_chat(group).await.unwrap(), ChatCreation::Created);
    chat(1)
}

fn inviting() -> GroupRules {
    group_rules(ALICE)
}

fn with_policy(join_policy: JoinPolicy) -> GroupRules {
    GroupRules {
        join_policy,
        ..inviting()
    }
}

/// A Commit to a group with these rules, which stay.
pub(super) fn commits_in(rules: &GroupRules, from: DeviceAddress, number: u32) -> crate::store::Submission {
    commits(chat(1), from, number).under(&ChatRules::Group(rules.clone()))
}

async fn parties(log: &impl LogStore) -> Vec<AccountId> {
    let mut parties = log.parties(chat(1)).await.unwrap();
    parties.sort_unstable();
    parties
}

async fn are_parties(log: &impl LogStore, people: &[Person]) -> bool {
    let expected: Vec<AccountId> = people.iter().map(|person| person.account()).collect();
    parties(log).await == expected
}

async fn members(log: &impl LogStore) -> Vec<DeviceAddress> {
    log.members(chat(1)).await.unwrap().unwrap().to_vec()
}

/// Whether the device's account is told of the chat.
async fn is_told(log: &impl LogStore, device: DeviceAddress) -> bool {
    !log.standings(device, ListPosition::default(), 10)
        .await
        .unwrap()
        .is_empty()
}

fn change(appended: &Appended) -> Option<GroupChange> {
    match appended {
        Appended::Accepted { group, .. } => group.as_deref().cloned(),
        other => panic!("not accepted: {other:?}"),
    }
}

pub(crate) async fn a_group_is_created_with_its_members_as_parties<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log, &inviting()).await;
    assert!(are_parties(log, &[ALICE, BOB]).await);
    assert_eq!(members(log).await, [ALICE.device(1), BOB.device(1)]);
    assert!(is_told(log, BOB.device(2)).await);
    assert!(!is_told(log, EVE.device(1)).await);
    assert!(log.group_info(BOB.account(), chat).await.unwrap().is_some());
    assert!(log.group_info(EVE.account(), chat).await.unwrap().is_none());
    // Alone at first.
    let alone = new_group(2, EVE, &[]);
    assert_eq!(log.create_chat(alone).await.unwrap(), ChatCreation::Created);
    assert!(is_told(log, EVE.device(1)).await);
}

pub(crate) async fn a_group_that_has_changed_since_is_the_same_creation<B: Backend>(backend: B) {
    let log = backend.log();
    open(log, &inviting()).await;
    let mut rules = inviting();
    rules.is_listed = true;
    assert_eq!(
        position(&write_one(log, commits_in(&rules, ALICE.device(1), 1)).await),
        1
    );
    let again = new_group(1, ALICE, &[BOB]);
    assert_eq!(
        log.create_chat(again.clone()).await.unwrap(),
        ChatCreation::Existed { at: NOW }
    );
    let mut other_key = inviting();
    other_key.group_key = sotto_protocol::GroupKey::from_bytes([8; 32]);
    for other in [
        crate::store::NewChat {
            rules: ChatRules::Group(other_key).into(),
            ..again.clone()
        },
        crate::store::NewChat {
            creator: ALICE.device(2),
            ..again
        },
        new_chat(1, ALICE, BOB),
    ] {
        assert_eq!(log.create_chat(other).await.unwrap(), ChatCreation::Taken);
    }
}

pub(crate) async fn notes_have_one_party<B: Backend>(backend: B) {
    let log = backend.log();
    let notes = ChatRules::Notes(ALICE.party());
    let mut new = new_group(1, ALICE, &[]);
    new.rules = notes.clone().into();
    assert_eq!(log.create_chat(new).await.unwrap(), ChatCreation::Created);
    assert!(are_parties(log, &[ALICE]).await);
    assert!(log.group(chat(1)).await.unwrap().is_none());
    let joins = |from: DeviceAddress, number| commits(chat(1), from, number).joining().under(&notes);
    assert_eq!(position(&write_one(log, joins(ALICE.device(2), 1)).await), 1);
    assert_eq!(
        refusal(&write_one(log, joins(BOB.device(1), 2).in_epoch(2)).await),
        ProblemCode::ChatNotFound
    );
    let adding = commits(chat(1), ALICE.device(1), 3).in_epoch(2).under(&notes);
    assert!(is_refused(log, adding.adding(BOB.device(1))).await);
}

pub(crate) async fn a_newcomer_becomes_a_party_and_is_none_after_its_last_leaf<B: Backend>(backend: B) {
    let log = backend.log();
    let rules = inviting();
    open(log, &rules).await;
    let added = write_one(log, commits_in(&rules, BOB.device(1), 1).adding(EVE.device(1))).await;
    let newcomer = GroupChange {
        newcomers: vec![EVE.account()],
        is_unlisted: false,
    };
    assert_eq!(change(&added), Some(newcomer));
    assert!(are_parties(log, &[ALICE, BOB, EVE]).await);
    assert!(is_told(log, EVE.device(2)).await);
    // Its next device is nobody new.
    let second = commits_in(&rules, EVE.device(2), 2).joining().in_epoch(2);
    assert_eq!(change(&write_one(log, second).await), None);

    let one = commits_in(&rules, EVE.device(1), 3)
        .removing(EVE.device(2))
        .in_epoch(3);
    let removed = write_one(log, one).await;
    assert_eq!(change(&removed), None);
    assert!(matches!(&removed, Appended::Accepted { removed, .. } if *removed == [EVE.device(2)]));
    assert!(are_parties(log, &[ALICE, BOB, EVE]).await);
    let mut after = rules.clone();
    after.removals = 1;
    let last = commits_in(&after, ALICE.device(1), 4)
        .removing(EVE.device(1))
        .in_epoch(4);
    assert_eq!(position(&write_one(log, last).await), 4);
    assert!(are_parties(log, &[ALICE, BOB]).await);
    assert!(!is_told(log, EVE.device(1)).await);
    assert!(log.group_info(EVE.account(), chat(1)).await.unwrap().is_none());
}

pub(crate) async fn only_those_whom_the_rules_allow_add<B: Backend>(backend: B) {
    let log = backend.log();
    let rules = with_policy(JoinPolicy::Invite { by: Inviters::Admins });
    open(log, &rules).await;
    assert!(is_refused(log, commits_in(&rules, BOB.device(1), 1).adding(EVE.device(1))).await);
    let own = commits_in(&rules, BOB.device(1), 2).adding(BOB.device(2));
    assert_eq!(position(&write_one(log, own).await), 1);
    let others = commits_in(&rules, ALICE.device(1), 3).in_epoch(2);
    assert!(is_refused(log, others.clone().adding(BOB.device(3))).await);
    assert_eq!(position(&write_one(log, others.adding(EVE.device(1))).await), 2);
}

pub(crate) async fn an_admin_removes_another_account_as_a_whole<B: Backend>(backend: B) {
    let log = backend.log();
    let rules = inviting();
    open(log, &rules).await;
    let second = commits_in(&rules, BOB.device(2), 1).joining();
    assert_eq!(position(&write_one(log, second).await), 1);
    let mut after = rules.clone();
    after.removals = 1;
    let removing = |from: DeviceAddress| commits_in(&after, from, 2).in_epoch(2);
    assert!(is_refused(log, removing(BOB.device(1)).removing(ALICE.device(1))).await);
    assert!(is_refused(log, removing(ALICE.device(1)).removing(BOB.device(1))).await);
    let both = removing(ALICE.device(1))
        .removing(BOB.device(1))
        .removing(BOB.device(2));
    // The rules have to count it.
    assert!(is_refused(log, both.clone().under(&ChatRules::Group(rules))).await);
    assert_eq!(position(&write_one(log, both).await), 2);
    assert!(are_parties(log, &[ALICE]).await);
    assert_eq!(members(log).await, [ALICE.device(1)]);
    let late = says(chat(1), BOB.device(1), 3).in_epoch(3);
    assert_eq!(refusal(&write_one(log, late).await), ProblemCode::ChatNotFound);
}

pub(crate) async fn rules_change_by_those_who_may<B: Backend>(mut backend: B) {
    let rules = inviting();
    open(backend.log(), &rules).await;
    let mut with_admin = rules.clone();
    with_admin.appoint(BOB.party(), Role::Admin);
    let refused = commits_in(&with_admin, BOB.device(1), 1);
    assert!(is_refused(backend.log(), refused).await);
    let appoints = commits_in(&with_admin, ALICE.device(1), 2);
    assert_eq!(change(&write_one(backend.log(), appoints).await), None);
    // What counts now survives a restart.
    backend = backend.reopen().await;
    let mut listed = with_admin.clone();
    listed.is_listed = true;
    let lists = commits_in(&listed, BOB.device(1), 3).in_epoch(2);
    assert_eq!(change(&write_one(backend.log(), lists).await), None);
    let standings = backend.log().group_standings(&[chat(1)]).await.unwrap();
    assert_eq!(standings[0].rules, listed);
    let unlists = commits_in(&with_admin, BOB.device(1), 4).in_epoch(3);
    let unlisted = GroupChange {
        newcomers: Vec::new(),
        is_unlisted: true,
    };
    assert_eq!(change(&write_one(backend.log(), unlists).await), Some(unlisted));
    let direct = commits(chat(1), ALICE.device(1), 5).in_epoch(4);
    assert!(is_refused(backend.log(), direct).await);
}

pub(crate) async fn an_approval_counts_if_a_member_gave_it<B: Backend>(backend: B) {
    let log = backend.log();
    let rules = with_policy(JoinPolicy::Approval {
        by: Approvers::Members(2),
    });
    open(log, &rules).await;
    let newcomer = EVE.device(1);
    let adds = || commits_in(&rules, ALICE.device(1), 1).adding(newcomer);
    assert!(is_refused(log, adds()).await);
    assert!(is_refused(log, adds().approved_by(DAN.device(1), newcomer)).await);
    assert!(is_refused(log, adds().approved_by(BOB.device(2), newcomer)).await);
    assert!(is_refused(log, adds().approved_by(BOB.device(1), EVE.device(2))).await);
    let approved = adds().approved_by(BOB.device(1), newcomer);
    assert_eq!(position(&write_one(log, approved).await), 1);
    assert!(are_parties(log, &[ALICE, BOB, EVE]).await);
}

pub(crate) async fn anyone_joins_an_open_group_and_nobody_a_closed_one<B: Backend>(backend: B) {
    let log = backend.log();
    let closed = inviting();
    open(log, &closed).await;
    let joins = |rules, number| commits_in(rules, EVE.device(1), number).joining_as_newcomer();
    let refused = write_one(log, joins(&closed, 1)).await;
    assert_eq!(refusal(&refused), ProblemCode::ChatNotFound);
    let opened = with_policy(JoinPolicy::Open);
    assert_eq!(
        position(&write_one(log, commits_in(&opened, ALICE.device(1), 2)).await),
        1
    );
    let info = log.group_info(EVE.account(), chat(1)).await.unwrap().unwrap();
    assert_eq!(info.epoch.0, 2);
    // Whoever comes in changes no rules.
    assert!(is_refused(log, joins(&closed, 3).in_epoch(2)).await);
    // Nobody wanted this account to be in.
    let as_device = commits_in(&opened, EVE.device(1), 3).joining().in_epoch(2);
    assert_eq!(
        refusal(&write_one(log, as_device).await),
        ProblemCode::ChatNotFound
    );
    let joined = write_one(log, joins(&opened, 3).in_epoch(2)).await;
    let newcomer = GroupChange {
        newcomers: vec![EVE.account()],
        is_unlisted: false,
    };
    assert_eq!(change(&joined), Some(newcomer));
    assert!(are_parties(log, &[ALICE, BOB, EVE]).await);
    let says = says(chat(1), EVE.device(1), 4).in_epoch(3);
    assert_eq!(position(&write_one(log, says).await), 3);
}

pub(crate) async fn a_banned_account_joins_no_open_group<B: Backend>(backend: B) {
    let log = backend.log();
    let mut rules = with_policy(JoinPolicy::Open);
    open(log, &rules).await;
    rules.ban(EVE.account());
    assert_eq!(
        position(&write_one(log, commits_in(&rules, ALICE.device(1), 1)).await),
        1
    );
    assert!(log.group_info(EVE.account(), chat(1)).await.unwrap().is_none());
    let joins = commits_in(&rules, EVE.device(1), 2)
        .joining_as_newcomer()
        .in_epoch(2);
    assert_eq!(refusal(&write_one(log, joins).await), ProblemCode::ChatNotFound);
    let adds = commits_in(&rules, ALICE.device(1), 3).in_epoch(2);
    assert!(is_refused(log, adds.adding(EVE.device(1))).await);
}

pub(crate) async fn the_leaf_of_a_departed_device_is_removed_by_a_member_of_its_account<B: Backend>(
    backend: B,
) {
    let log = backend.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    write_one(log, commits(chat(1), BOB.device(1), 1).adding(BOB.device(2))).await;
    log.remove_devices(&[BOB.device(2)]).await.unwrap();
    assert_eq!(members(log).await, [ALICE.device(1), BOB.device(1)]);
    let removing = |from: DeviceAddress| commits(chat(1), from, 2).in_epoch(2).removing(BOB.device(2));
    assert!(is_refused(log, removing(ALICE.device(1))).await);
    let removed = write_one(log, removing(BOB.device(1))).await;
    // It gets nothing of it.
    assert!(matches!(&removed, Appended::Accepted { removed, .. } if removed.is_empty()));
    let again = removing(BOB.device(1)).in_epoch(3);
    let again = crate::store::Submission {
        message: message(3),
        ..again
    };
    // A leaf may be older than the list of leaves: that of a departed device may be removed though it is not in it.
    assert_eq!(position(&write_one(log, again).await), 3);
    let unknown = commits(chat(1), BOB.device(1), 4).in_epoch(4);
    assert!(is_refused(log, unknown.removing(BOB.device(3))).await);
}

pub(crate) async fn who_has_left_gets_and_reads_nothing_and_its_leaves_are_removed_later<B: Backend>(
    backend: B,
) {
    let log = backend.log();
    let rules = inviting();
    open(log, &rules).await;
    write_one(log, says(chat(1), BOB.device(1), 1)).await;
    assert!(leaves(log, BOB).await);
    assert!(!leaves(log, BOB).await);
    let nowhere = log.leave_group(chat(9), BOB.account(), None).await.unwrap();
    assert_eq!(nowhere, Leaving::NoParty);
    assert!(are_parties(log, &[ALICE]).await);
    assert_eq!(members(log).await, [ALICE.device(1)]);
    assert!(!is_told(log, BOB.device(1)).await);
    let welcomes = log
        .pending_welcomes(BOB.device(1), ListPosition::default())
        .await
        .unwrap();
    assert_eq!(welcomes, []);
    let range = PageRange {
        after: None,
        before: None,
        limit: 10,
    };
    assert!(
        log.page(BOB.device(1), chat(1), range, NOW)
            .await
            .unwrap()
            .is_none()
    );
    assert!(log.group_info(BOB.account(), chat(1)).await.unwrap().is_none());
    let late = write_one(log, says(chat(1), BOB.device(1), 2)).await;
    assert_eq!(refusal(&late), ProblemCode::ChatNotFound);
    for from in [BOB.device(1), BOB.device(2)] {
        let back = commits_in(&rules, from, 3).joining();
        assert_eq!(refusal(&write_one(log, back).await), ProblemCode::ChatNotFound);
    }
    let said = write_one(log, says(chat(1), ALICE.device(1), 4)).await;
    assert!(matches!(&said, Appended::Accepted { members, .. } if **members == [ALICE.device(1)]));

    let mut after = rules.clone();
    after.removals = 1;
    let removing = commits_in(&after, ALICE.device(1), 5).removing(BOB.device(1));
    let removed = write_one(log, removing.with_departure_of(BOB.device(1))).await;
    assert!(matches!(&removed, Appended::Accepted { removed, .. } if removed.is_empty()));
    let readded = commits_in(&after, ALICE.device(1), 6).in_epoch(2);
    assert_eq!(position(&write_one(log, readded.adding(BOB.device(1))).await), 4);
    assert!(are_parties(log, &[ALICE, BOB]).await);
    assert_eq!(whole_log(log, BOB.device(1), chat(1)).await.last, Seq(4));
}

/// Whether an account that was in chat 1 is out of it now.
pub(crate) async fn leaves(log: &impl LogStore, person: Person) -> bool {
    let left = log.leave_group(chat(1), person.account(), None).await.unwrap();
    matches!(left, Leaving::Left { .. })
}

pub(crate) async fn an_account_leaves_in_the_epoch_that_it_names<B: Backend>(backend: B) {
    let log = backend.log();
    let rules = inviting();
    open(log, &rules).await;
    write_one(log, commits_in(&rules, ALICE.device(1), 1)).await;
    let leave = async |person: Person, epoch: Option<Epoch>| {
        log.leave_group(chat(1), person.account(), epoch).await.unwrap()
    };
    assert_eq!(leave(BOB, Some(Epoch(1))).await, Leaving::Stale(Epoch(2)));
    assert!(are_parties(log, &[ALICE, BOB]).await);
    assert_eq!(
        position(&write_one(log, says(chat(1), BOB.device(1), 2).in_epoch(2)).await),
        2
    );
    let is_empty = false;
    assert_eq!(leave(BOB, Some(Epoch(2))).await, Leaving::Left { is_empty });
    // Whoever has left has left, in whichever epoch.
    assert_eq!(leave(BOB, Some(Epoch(1))).await, Leaving::NoParty);
    let is_empty = true;
    assert_eq!(leave(ALICE, None).await, Leaving::Left { is_empty });
}

pub(crate) async fn who_has_left_comes_back_by_a_new_leaf<B: Backend>(mut backend: B) {
    let rules = with_policy(JoinPolicy::Open);
    open(backend.log(), &rules).await;
    let second = commits_in(&rules, BOB.device(2), 1).joining();
    assert_eq!(position(&write_one(backend.log(), second).await), 1);
    assert!(leaves(backend.log(), BOB).await);
    for restarted in [false, true] {
        if restarted {
            backend = backend.reopen().await;
        }
        let without_its_leaf = commits_in(&rules, BOB.device(1), 2)
            .joining_as_newcomer()
            .in_epoch(2);
        assert!(is_refused(backend.log(), without_its_leaf).await);
        // Devices that know of nothing else than that their account was in: one that is new, one that comes back.
        let new = commits_in(&rules, BOB.device(3), 2).joining().in_epoch(2);
        let back = commits_in(&rules, BOB.device(1), 2).joining().in_epoch(2);
        for joins in [new, back.removing(BOB.device(1))] {
            let refused = write_one(backend.log(), joins).await;
            assert_eq!(refusal(&refused), ProblemCode::ChatNotFound);
        }
    }
    let log = backend.log();
    let back = commits_in(&rules, BOB.device(1), 2)
        .joining_as_newcomer()
        .removing(BOB.device(1))
        .in_epoch(2);
    let newcomer = GroupChange {
        newcomers: vec![BOB.account()],
        is_unlisted: false,
    };
    assert_eq!(change(&write_one(log, back).await), Some(newcomer));
    assert!(are_parties(log, &[ALICE, BOB]).await);
    // The other device is not in the group yet: its leaf is the old one.
    assert_eq!(members(log).await, [ALICE.device(1), BOB.device(1)]);
    let closed = commits_in(&inviting(), ALICE.device(1), 3).in_epoch(3);
    assert_eq!(position(&write_one(log, closed).await), 3);
    let second = commits_in(&inviting(), BOB.device(2), 4)
        .joining()
        .removing(BOB.device(2))
        .in_epoch(4);
    assert_eq!(change(&write_one(log, second).await), None);
    assert_eq!(members(log).await.len(), 3);
}

pub(crate) async fn a_group_says_how_many_are_in_it_and_that_it_is_one<B: Backend>(backend: B) {
    let log = backend.log();
    let rules = inviting();
    open(log, &rules).await;
    log.create_chat(new_chat(2, ALICE, BOB)).await.unwrap();
    write_one(log, commits_in(&rules, BOB.device(1), 1).adding(BOB.device(2))).await;
    let group = log.group(chat(1)).await.unwrap().unwrap();
    assert_eq!((group.created_at, group.members), (NOW, 2));
    assert_eq!(group.group_info, "group info of 1");
    for none in [2, 9] {
        assert!(log.group(chat(none)).await.unwrap().is_none());
    }
    let standings = log.group_standings(&[9, 2, 1].map(chat)).await.unwrap();
    assert_eq!(standings.len(), 1);
    let standing = &standings[0];
    assert_eq!(
        (standing.group, standing.suite, standing.members),
        (chat(1), Suite::XWing, 2)
    );
    assert_eq!(standing.rules, rules);
    assert_eq!(log.parties(chat(9)).await.unwrap(), []);
}

pub(crate) async fn a_commit_adds_and_removes_many<B: Backend>(backend: B) {
    let log = backend.log();
    let rules = inviting();
    open(log, &rules).await;
    let people: Vec<Person> = (100..200).map(Person).collect();
    let mut adds = commits_in(&rules, ALICE.device(1), 1);
    for person in &people {
        adds = adds.adding(person.device(1));
    }
    assert_eq!(position(&write_one(log, adds).await), 1);
    assert_eq!(members(log).await.len(), 102);
    assert_eq!(parties(log).await.len(), 102);
    for person in [people[0], people[99]] {
        let welcomes = log
            .pending_welcomes(person.device(1), ListPosition::default())
            .await
            .unwrap();
        assert_eq!(welcomes.len(), 1);
    }
    let mut after = rules.clone();
    after.removals = 1;
    let mut removes = commits_in(&after, ALICE.device(1), 2).in_epoch(2);
    for person in &people {
        removes = removes.removing(person.device(1));
    }
    assert_eq!(position(&write_one(log, removes).await), 2);
    assert!(are_parties(log, &[ALICE, BOB]).await);
}
