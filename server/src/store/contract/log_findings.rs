//! The contract of [`LogStore::write`]: what is known of a Commit beside the log.

use super::Backend;
use super::fixture::*;
use super::log_commit::is_refused;
use super::log_group::leaves;
use super::log_group::{commits_in, open};
use crate::store::Submission;
use sotto_protocol::chat_rules::{Approvers, JoinPolicy, Party, Role};
use sotto_protocol::{DeviceAddress, GroupRules, ProblemCode};

fn naming_strangers(mut submission: Submission, strangers: &[Party]) -> Submission {
    submission.commit.as_mut().unwrap().findings.strangers = strangers.to_vec();
    submission
}

pub(crate) async fn an_approval_of_an_unknown_device_does_not_count<B: Backend>(backend: B) {
    let log = backend.log();
    let rules = GroupRules {
        join_policy: JoinPolicy::Approval {
            by: Approvers::Members(2),
        },
        ..group_rules(ALICE)
    };
    open(log, &rules).await;
    let newcomer = EVE.device(1);
    let adds = commits_in(&rules, ALICE.device(1), 1).adding(newcomer);
    let approved = adds.approved_by(BOB.device(1), newcomer);
    assert!(is_refused(log, not_knowing(approved.clone(), BOB.device(1))).await);
    assert_eq!(position(&write_one(log, approved).await), 1);
}

fn not_knowing(mut submission: Submission, unknown: DeviceAddress) -> Submission {
    submission.commit.as_mut().unwrap().findings.unknown = vec![unknown];
    submission
}

pub(crate) async fn an_office_is_given_to_no_stranger_and_kept_by_who_became_one<B: Backend>(backend: B) {
    let log = backend.log();
    let rules = group_rules(ALICE);
    open(log, &rules).await;
    let mut with_admin = rules.clone();
    with_admin.appoint(BOB.party(), Role::Admin);
    let appoints = |number| commits_in(&with_admin, ALICE.device(1), number);
    let refused = write_one(log, naming_strangers(appoints(1), &[BOB.party()])).await;
    assert_eq!(refusal(&refused), ProblemCode::OfficeRefused);
    assert_eq!(position(&write_one(log, appoints(2)).await), 1);
    // Bob's account is deleted, and the group goes on.
    let later = naming_strangers(appoints(3).in_epoch(2), &[BOB.party()]);
    assert_eq!(position(&write_one(log, later).await), 2);
    // Under another identity he is somebody else.
    let not_bob = Party {
        identity_key: EVE.identity_key(),
        ..BOB.party()
    };
    let mut replaced = rules.clone();
    replaced.appoint(not_bob, Role::Admin);
    let in_his_place = commits_in(&replaced, ALICE.device(1), 4).in_epoch(3);
    let refused = write_one(log, naming_strangers(in_his_place, &[not_bob])).await;
    assert_eq!(refusal(&refused), ProblemCode::OfficeRefused);
}

pub(crate) async fn a_departure_of_an_unknown_device_counts_once_its_account_gets_nothing<B: Backend>(
    backend: B,
) {
    let log = backend.log();
    let rules = group_rules(ALICE);
    open(log, &rules).await;
    let mut after = rules.clone();
    after.removals = 1;
    let removes = || {
        // Not the owner, who needs no departure.
        let by_eve = commits_in(&after, EVE.device(1), 2).in_epoch(2);
        let removing = by_eve.removing(BOB.device(1)).with_departure_of(BOB.device(1));
        not_knowing(removing, BOB.device(1))
    };
    let adds = commits_in(&rules, ALICE.device(1), 1).adding(EVE.device(1));
    assert_eq!(position(&write_one(log, adds).await), 1);
    assert!(is_refused(log, removes()).await);
    assert!(leaves(log, BOB).await);
    assert_eq!(position(&write_one(log, removes()).await), 2);
}
