//! The contract of [`LogStore`]: invitations to groups.

use super::Backend;
use super::fixture::*;
use crate::store::{Appended, LogStore, Objected, Objection, Submission};
use sotto_protocol::chat_rules::Invited;
use sotto_protocol::{
    ChatRules, DeviceKey, GroupRules, Invitation, InvitationKey, InvitationUse, ProblemCode, Seq, Signature,
    Timestamp,
};

const DAN: Person = Person(4);
const FAY: Person = Person(5);
const LINK: InvitationKey = InvitationKey::from_bytes([3; 32]);
const OVER: Timestamp = Timestamp(NOW.0 + 1_000);

/// The rules of Alice's group, to which a link leads that so many can use.
fn inviting(uses: u32) -> GroupRules {
    let mut rules = group_rules(ALICE);
    rules.invite(Invitation {
        key: LINK,
        expires_at: OVER,
        uses,
    });
    rules
}

/// Group 1 of Alice and Bob.
async fn open(log: &impl LogStore, rules: &GroupRules) {
    let mut group = new_group(1, ALICE, &[BOB]);
    group.rules = ChatRules::Group(rules.clone()).into();
    log.create_chat(group).await.unwrap();
}

fn under(rules: &GroupRules, submission: Submission) -> Submission {
    submission.under(&ChatRules::Group(rules.clone()))
}

/// The person's device joins by this invitation.
fn joins_by(invitation: InvitationKey, rules: &GroupRules, person: Person, number: u32) -> Submission {
    let mut joining = under(rules, commits(chat(1), person.device(1), number).joining());
    joining.commit.as_mut().unwrap().evidence.invitation = Some(InvitationUse {
        invitation,
        device_key: DeviceKey::from_bytes([1; 32]),
        signature: Signature::from_bytes([2; 64]),
    });
    joining
}

fn joins(rules: &GroupRules, person: Person, number: u32) -> Submission {
    joins_by(LINK, rules, person, number)
}

fn is_refused(appended: &Appended) -> bool {
    refusal(appended) == ProblemCode::InvitationRefused
}

async fn reads_group_info(log: &impl LogStore, person: Person, at: Timestamp) -> bool {
    let invited = Invited { by: LINK, at };
    let read = log.invited_group_info(person.account(), chat(1), invited);
    read.await.unwrap().is_some()
}

pub(crate) async fn an_invitation_lets_so_many_accounts_in_and_no_more<B: Backend>(mut backend: B) {
    let rules = inviting(2);
    let log = backend.log();
    open(log, &rules).await;
    assert!(reads_group_info(log, EVE, NOW).await);
    assert_eq!(position(&write_one(log, joins(&rules, EVE, 1)).await), 1);
    backend = backend.reopen().await;
    let log = backend.log();
    // Two at once, of whom one finds room.
    let batch = [
        joins(&rules, DAN, 2).in_epoch(2),
        joins(&rules, FAY, 3).in_epoch(3),
    ];
    let outcomes = write(log, &batch).await;
    assert_eq!(position(&outcomes[0]), 2);
    assert!(is_refused(&outcomes[1]));
    assert!(is_refused(
        &write_one(log, joins(&rules, FAY, 4).in_epoch(3)).await
    ));
    assert!(!reads_group_info(log, FAY, NOW).await);
    // Whoever is in needs no invitation more: here a second device.
    let second = under(&rules, commits(chat(1), EVE.device(2), 5).joining().in_epoch(3));
    assert_eq!(position(&write_one(log, second).await), 3);
}

pub(crate) async fn an_account_that_comes_again_uses_an_invitation_once<B: Backend>(backend: B) {
    let log = backend.log();
    let mut rules = inviting(1);
    open(log, &rules).await;
    assert_eq!(position(&write_one(log, joins(&rules, EVE, 1)).await), 1);
    rules.removals += 1;
    let removing = commits(chat(1), ALICE.device(1), 2).in_epoch(2);
    let removing = under(&rules, removing.removing(EVE.device(1)));
    assert_eq!(position(&write_one(log, removing).await), 2);
    assert!(reads_group_info(log, EVE, NOW).await);
    assert!(!reads_group_info(log, DAN, NOW).await);
    let again = joins(&rules, EVE, 3).in_epoch(3);
    assert_eq!(position(&write_one(log, again).await), 3);
    assert!(is_refused(
        &write_one(log, joins(&rules, DAN, 4).in_epoch(4)).await
    ));
}

pub(crate) async fn an_invitation_that_is_over_or_unknown_lets_nobody_in<B: Backend>(backend: B) {
    let log = backend.log();
    let rules = inviting(5);
    open(log, &rules).await;
    assert!(!reads_group_info(log, EVE, OVER).await);
    let late = write_at(log, &[joins(&rules, EVE, 1)], OVER).await;
    assert!(is_refused(&late[0]));
    let unknown = joins_by(InvitationKey::from_bytes([9; 32]), &rules, EVE, 2);
    assert!(is_refused(&write_one(log, unknown).await));
    // The joiner cannot bring it along.
    let mut more = rules.clone();
    more.invite(Invitation {
        key: InvitationKey::from_bytes([9; 32]),
        expires_at: OVER,
        uses: 1,
    });
    let brought = joins(&more, EVE, 3);
    let refused = write_one(log, brought).await;
    assert_eq!(refusal(&refused), ProblemCode::MembershipRefused);
    // Where there are no invitations at all.
    log.create_chat(new_chat(2, ALICE, BOB)).await.unwrap();
    let mut stranger = joins(&rules, EVE, 4);
    stranger.chat = chat(2);
    assert_eq!(
        refusal(&write_one(log, stranger).await),
        ProblemCode::ChatNotFound
    );
}

pub(crate) async fn a_banned_account_comes_in_by_no_invitation<B: Backend>(backend: B) {
    let log = backend.log();
    let mut rules = inviting(5);
    rules.ban(EVE.account());
    open(log, &rules).await;
    assert!(!reads_group_info(log, EVE, NOW).await);
    assert!(is_refused(&write_one(log, joins(&rules, EVE, 1)).await));
}

pub(crate) async fn a_revoked_invitation_lets_nobody_in_and_its_uses_are_forgotten<B: Backend>(backend: B) {
    let log = backend.log();
    let rules = inviting(1);
    open(log, &rules).await;
    assert_eq!(position(&write_one(log, joins(&rules, EVE, 1)).await), 1);
    let mut revoked = rules.clone();
    revoked.revoke(LINK);
    let revoking = under(&revoked, commits(chat(1), ALICE.device(1), 2).in_epoch(2));
    assert_eq!(position(&write_one(log, revoking).await), 2);
    assert!(!reads_group_info(log, DAN, NOW).await);
    assert!(is_refused(
        &write_one(log, joins(&revoked, DAN, 3).in_epoch(3)).await
    ));
    let anew = under(&rules, commits(chat(1), ALICE.device(1), 4).in_epoch(3));
    assert_eq!(position(&write_one(log, anew).await), 3);
    assert_eq!(
        position(&write_one(log, joins(&rules, DAN, 5).in_epoch(4)).await),
        4
    );
}

async fn is_taken_back(log: &impl LogStore, seq: u64) -> bool {
    let at = NOW.plus_millis(60_000);
    let mut outcome = None;
    for from in [ALICE.device(1), BOB.device(1)] {
        let objection = Objection {
            chat: chat(1),
            from,
            seq: Seq(seq),
            at,
        };
        outcome = log.object(objection).await.unwrap();
    }
    matches!(outcome, Some(Objected::TakenBack(_) | Objected::WasTakenBack))
}

pub(crate) async fn a_use_is_given_back_with_the_commit_that_spent_it<B: Backend>(backend: B) {
    let log = backend.log();
    let rules = inviting(1);
    open(log, &rules).await;
    assert_eq!(position(&write_one(log, joins(&rules, EVE, 1)).await), 1);
    assert!(is_refused(
        &write_one(log, joins(&rules, DAN, 2).in_epoch(2)).await
    ));
    assert!(is_taken_back(log, 1).await);
    assert!(reads_group_info(log, DAN, NOW).await);
    assert_eq!(position(&write_one(log, joins(&rules, DAN, 3)).await), 3);
    assert!(is_refused(
        &write_one(log, joins(&rules, FAY, 4).in_epoch(2)).await
    ));
}

pub(crate) async fn a_use_of_an_earlier_stay_stays_used<B: Backend>(backend: B) {
    let log = backend.log();
    let mut rules = inviting(1);
    open(log, &rules).await;
    assert_eq!(position(&write_one(log, joins(&rules, EVE, 1)).await), 1);
    rules.removals += 1;
    let removing = commits(chat(1), ALICE.device(1), 2).in_epoch(2);
    let removing = under(&rules, removing.removing(EVE.device(1)));
    assert_eq!(position(&write_one(log, removing).await), 2);
    let again = joins(&rules, EVE, 3).in_epoch(3);
    assert_eq!(position(&write_one(log, again).await), 3);
    assert!(is_taken_back(log, 3).await);
    assert!(is_refused(
        &write_one(log, joins(&rules, DAN, 4).in_epoch(3)).await
    ));
}
