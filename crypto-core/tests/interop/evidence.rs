//! Authenticated data of Commits: what shows that they are allowed.

use crate::member::{BOTH_WAYS, Change, Implementation, Member as _};
use crate::mls_rs_member::MlsRsMember;
use crate::our_member::OurMember;
use crate::scene::{BY_MEMBERS, Scene, rules};
use sotto_protocol::chat_rules::{Approvers, JoinPolicy};
use sotto_protocol::{ChatRules, Evidence};

use Implementation::{MlsRs, Ours};

const BY_THREE: JoinPolicy = JoinPolicy::Approval {
    by: Approvers::Members(3),
};

#[test]
fn approvals_by_members_of_both_let_either_add_a_newcomer() {
    for [committer, other] in BOTH_WAYS {
        for newcomer in [Ours, MlsRs] {
            let mut scene = Scene::founded(BY_THREE, committer, &[other, committer, other]);
            let mut newcomer = newcomer.member("carol");
            let invitation = newcomer.invitation();
            let approvals = [1, 2].map(|at| scene.members[at].approves(&invitation.device));
            // They outlive an epoch that removes nobody.
            scene.commits(3, &Change::default(), Vec::new());
            let change = Change {
                added: vec![invitation],
                evidence: Evidence {
                    approvals: approvals.to_vec(),
                    ..Evidence::default()
                },
                ..Change::default()
            };
            scene.commits(0, &change, vec![newcomer]);
            assert_eq!(scene.members.len(), 5);
            scene.all_say_something();
        }
    }
}

#[test]
fn a_member_on_mls_rs_lets_go_of_one_who_leaves() {
    let (mut alice, mut bob) = (OurMember::new("alice"), OurMember::new("bob"));
    let mut carol = MlsRsMember::new("carol");
    let before = rules(&alice, BY_MEMBERS);
    let invited = [bob.invitation(), carol.invitation()];
    let founded = alice.founds(&ChatRules::Group(before.clone()), &invited);
    bob.joins(founded.welcome.as_ref().unwrap());
    carol.joins(founded.welcome.as_ref().unwrap());

    let mut after = before;
    after.note_removal([bob.address().account]);
    let change = Change {
        removed: vec![bob.address()],
        rules: Some(ChatRules::Group(after)),
        evidence: Evidence {
            departures: vec![bob.departs()],
            ..Evidence::default()
        },
        ..Change::default()
    };
    let flight = carol.commits(&change);
    carol.confirms();
    bob.takes(&flight.commit);
    alice.takes(&flight.commit);
    assert!(!bob.is_member());
    assert_eq!(alice.view(), carol.view());
    assert_eq!(alice.view().members.len(), 2);
}
