//! What mls-rs makes, by RFC 9420, and our chats do not allow: our client refuses it, and goes on.

use crate::member::{Change, Member as _};
use crate::mls_rs_member::MlsRsMember;
use crate::our_member::OurMember;
use crate::scene::{BY_MEMBERS, rules};
use crate::setup::{self, Manners};
use mls_rs::{Extension, MlsMessage};
use sotto_crypto_core::{KeyPackageError, NotAllowed, ReceiveError};
use sotto_protocol::chat_rules::{Approvers, JoinPolicy, Role, RuleViolation};
use sotto_protocol::{Approval, ChatRules, Evidence};

const BY_TWO: JoinPolicy = JoinPolicy::Approval {
    by: Approvers::Members(2),
};

/// Our client, which has founded the group, and a member on mls-rs.
struct Pair {
    ours: OurMember,
    theirs: MlsRsMember,
    group_info: Vec<u8>,
}

fn pair(join_policy: JoinPolicy, manners: Manners) -> Pair {
    let mut ours = OurMember::new("alice");
    let mut theirs = MlsRsMember::with("mallory", manners);
    let rules = ChatRules::Group(rules(&ours, join_policy));
    let founded = ours.founds(&rules, &[theirs.invitation()]);
    theirs.joins(&founded.welcome.unwrap());
    Pair {
        ours,
        theirs,
        group_info: founded.group_info,
    }
}

impl Pair {
    #[track_caller]
    fn is_refused(&mut self, payload: &[u8], reason: NotAllowed) {
        let before = self.ours.view();
        match self.ours.receives(payload) {
            Err(ReceiveError::NotAllowed(refused)) => assert_eq!(refused, reason),
            other => panic!("{other:?}"),
        }
        assert_eq!(self.ours.view(), before);
        self.both_go_on();
    }

    fn both_go_on(&mut self) {
        self.theirs.discards();
        let flight = self.theirs.commits(&Change::default());
        self.theirs.confirms();
        self.ours.takes(&flight.commit);
        assert_eq!(self.ours.view(), self.theirs.view());
    }

    fn their_commit_to(&mut self, extensions: Vec<Extension>) -> Vec<u8> {
        let builder = self.theirs.group().commit_builder();
        let builder = builder.set_group_context_ext(extensions.into()).unwrap();
        builder.build().unwrap().commit_message.to_bytes().unwrap()
    }

    #[track_caller]
    fn is_refused_to_commit(&mut self, change: &Change, reason: NotAllowed) {
        let flight = self.theirs.commits(change);
        self.is_refused(&flight.commit, reason);
    }
}

#[test]
fn an_addition_without_the_approvals_of_the_rules() {
    let mut pair = pair(BY_TWO, Manners::OURS);
    let mut carol = MlsRsMember::new("carol");
    let (invitation, other) = (carol.invitation(), carol.invitation());
    let not_approved = NotAllowed::Rule(RuleViolation::NotApproved {
        account: carol.address().account,
    });
    let does_not_hold = NotAllowed::Statement {
        by: pair.ours.address(),
    };
    let of_another = pair.ours.approves(&other.device);
    let forged = Approval {
        by: pair.ours.address(),
        ..pair.theirs.approves(&invitation.device)
    };
    for (approvals, reason) in [
        (Vec::new(), not_approved),
        (vec![pair.theirs.approves(&invitation.device)], not_approved),
        (vec![of_another], does_not_hold),
        (vec![forged], does_not_hold),
    ] {
        let change = Change {
            added: vec![invitation.clone()],
            evidence: Evidence {
                approvals,
                ..Evidence::default()
            },
            ..Change::default()
        };
        pair.is_refused_to_commit(&change, reason);
    }
}

#[test]
fn authenticated_data_that_is_no_evidence() {
    let mut pair = pair(BY_MEMBERS, Manners::OURS);
    let group = pair.theirs.group();
    let output = group
        .commit_builder()
        .authenticated_data(vec![0xFF; 3])
        .build()
        .unwrap();
    let commit = output.commit_message.to_bytes().unwrap();
    pair.is_refused(&commit, NotAllowed::MalformedEvidence);
}

#[test]
fn what_only_an_admin_may_do() {
    let mut pair = pair(BY_MEMBERS, Manners::OURS);
    let removal = Change {
        removed: vec![pair.ours.address()],
        ..Change::default()
    };
    let account = pair.ours.address().account;
    pair.is_refused_to_commit(
        &removal,
        NotAllowed::Rule(RuleViolation::RemovesOthers { account }),
    );
    let mut rules = rules(&pair.ours, BY_MEMBERS);
    rules.appoint(pair.theirs.party(), Role::Admin);
    let promotion = Change {
        rules: Some(ChatRules::Group(rules)),
        ..Change::default()
    };
    pair.is_refused_to_commit(&promotion, NotAllowed::Rule(RuleViolation::RulesChanged));
}

#[test]
fn a_group_context_that_is_not_set_up_as_ours_are() {
    let mut pair = pair(BY_MEMBERS, Manners::OURS);
    let extensions = setup::extensions(&pair.ours.view().rules);
    let [required, rules] = [0, 1].map(|at| extensions[at].clone());

    let commit = pair.their_commit_to(vec![required.clone()]);
    pair.is_refused(&commit, NotAllowed::Rule(RuleViolation::RulesChanged));
    let commit = pair.their_commit_to(vec![rules.clone(), required]);
    pair.is_refused(&commit, NotAllowed::Rule(RuleViolation::RulesChanged));

    // An extension that is not in required_capabilities. RFC 9420, sections 12.1.7 and 13.4, and mls-rs are content if all
    // members happen to support it; OpenMLS is stricter, and does not come so far as to ask our rules.
    let commit = pair.their_commit_to(vec![rules]);
    let refused = pair.ours.receives(&commit);
    assert!(matches!(refused, Err(ReceiveError::Invalid(_))), "{refused:?}");
    pair.both_go_on();
}

#[test]
fn a_stranger_who_joins_alone() {
    let mut pair = pair(BY_MEMBERS, Manners::OURS);
    let mut stranger = MlsRsMember::new("stranger");
    let flight = stranger.joins_alone(&pair.group_info);
    let account = stranger.address().account;
    pair.is_refused(
        &flight.commit,
        NotAllowed::Rule(RuleViolation::Stranger { account }),
    );
}

#[test]
fn a_proposal_that_stands_alone() {
    let mut pair = pair(BY_MEMBERS, Manners::OURS);
    let proposal = pair.theirs.group().propose_update(Vec::new()).unwrap();
    pair.theirs.group().clear_proposal_cache();
    pair.is_refused(&proposal.to_bytes().unwrap(), NotAllowed::Proposal);
}

#[test]
fn a_commit_of_a_member_that_the_server_could_read() {
    let manners = Manners {
        private: false,
        ..Manners::OURS
    };
    let mut pair = pair(BY_MEMBERS, manners);
    let flight = pair.theirs.commits(&Change::default());
    let before = pair.ours.view();
    let refused = pair.ours.receives(&flight.commit);
    assert!(matches!(refused, Err(ReceiveError::Invalid(_))), "{refused:?}");
    assert_eq!(pair.ours.view(), before);
}

/// RFC 9420, section 13.5, reserves types of extensions that have to be passed over. OpenMLS 0.9.2 rightly wants what is in a
/// KeyPackage to be in its leaf's capabilities, but takes the same reserved number for two things there, and so finds none:
/// mls-rs is right. No client of ours sends such extensions. Once OpenMLS knows better, this test goes.
#[test]
fn a_key_package_with_a_reserved_extension() {
    let manners = Manners {
        unknown: &[0x0A0A],
        ..Manners::OURS
    };
    let mut carol = MlsRsMember::with("carol", manners);
    let key_package = carol.key_package(false);
    assert!(matches!(
        carol.verified(&key_package),
        Err(KeyPackageError::Malformed)
    ));
    let mut pair = pair(BY_MEMBERS, Manners::OURS);
    let key_package = MlsMessage::from_bytes(&key_package).unwrap();
    let builder = pair.theirs.group().commit_builder();
    builder.add_member(key_package).unwrap().build().unwrap();
}

/// Not refused: RFC 9420, section 12.4, lets a Commit that only adds go without new keys.
#[test]
fn but_not_an_addition_that_replaces_no_keys() {
    let manners = Manners {
        path: false,
        ..Manners::OURS
    };
    let mut pair = pair(BY_MEMBERS, manners);
    let mut carol = OurMember::new("carol");
    let change = Change {
        added: vec![carol.invitation()],
        ..Change::default()
    };
    let flight = pair.theirs.commits(&change);
    pair.theirs.confirms();
    pair.ours.takes(&flight.commit);
    carol.joins(&flight.welcome.unwrap());
    assert_eq!(pair.ours.view(), pair.theirs.view());
    assert_eq!(pair.ours.view(), carol.view());
    pair.both_go_on();
}
