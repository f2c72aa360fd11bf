//! Invitations: who makes them, and whom they let in.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test nothing is public, and what is not as it should be fails"
)]

use proptest::prelude::*;
use sotto_protocol::chat_rules::{
    Actor, Change, Invited, Inviters, JoinPolicy, Member, Party, Role, RuleViolation,
};
use sotto_protocol::{
    AccountId, ChatRules, DeviceAddress, DeviceId, GroupKey, GroupRules, IdentityKey, Invitation,
    InvitationKey, Suite, Timestamp, limits,
};

const OWNER: u8 = 1;
const ADMIN: u8 = 2;
const MEMBER: u8 = 3;
const STRANGER: u8 = 9;

const NOW: Timestamp = Timestamp(1_000_000);
const LATER: Timestamp = Timestamp(2_000_000);

fn party(number: u8) -> Party {
    Party {
        account: AccountId::from_bytes([number; 16]),
        identity_key: IdentityKey::from_bytes([number; 32]),
    }
}

fn device(number: u8) -> Member {
    Member {
        address: DeviceAddress {
            account: party(number).account,
            device: DeviceId::from_bytes([number; 16]),
        },
        identity_key: Some(party(number).identity_key),
    }
}

const fn key(number: u8) -> InvitationKey {
    InvitationKey::from_bytes([number; 32])
}

fn invitation(number: u8) -> Invitation {
    Invitation {
        key: key(number),
        expires_at: LATER,
        uses: 5,
    }
}

fn group() -> GroupRules {
    let invite = JoinPolicy::Invite { by: Inviters::Admins };
    let mut rules = GroupRules::new(GroupKey::from_bytes([7; 32]), party(OWNER), invite);
    rules.appoint(party(ADMIN), Role::Admin);
    rules
}

fn with_invitation() -> GroupRules {
    let mut rules = group();
    rules.invite(invitation(1));
    rules
}

fn check(
    by: Actor,
    before: &GroupRules,
    after: &GroupRules,
    invited: impl Into<Option<Invited>>,
) -> Result<(), RuleViolation> {
    ChatRules::Group(before.clone()).check(&Change {
        suite: Suite::default(),
        by,
        members: &[OWNER, ADMIN, MEMBER].map(device),
        added: &[],
        removed: &[],
        approvals: &[],
        departed: &[],
        invited: invited.into(),
        rules: &ChatRules::Group(after.clone()),
    })
}

fn joins(rules: &GroupRules, invited: impl Into<Option<Invited>>) -> Result<(), RuleViolation> {
    check(Actor::Joiner(device(STRANGER)), rules, rules, invited)
}

const fn by(number: u8, at: Timestamp) -> Invited {
    Invited { by: key(number), at }
}

#[test]
fn an_invitation_lets_a_stranger_in_under_any_policy_until_its_time_is_over() {
    let stranger = Err(RuleViolation::Stranger {
        account: party(STRANGER).account,
    });
    for policy in [
        JoinPolicy::Invite { by: Inviters::Admins },
        JoinPolicy::Approval {
            by: sotto_protocol::chat_rules::Approvers::AnyAdmin,
        },
    ] {
        let rules = GroupRules {
            join_policy: policy,
            ..with_invitation()
        };
        assert_eq!(joins(&rules, by(1, NOW)), Ok(()));
        assert_eq!(joins(&rules, by(1, Timestamp(LATER.0 - 1))), Ok(()));
        assert_eq!(joins(&rules, by(1, LATER)), Err(RuleViolation::Invitation));
        assert_eq!(joins(&rules, None), stranger);
    }
}

#[test]
fn an_invitation_that_is_not_in_the_rules_lets_nobody_in_not_even_where_all_may_come() {
    let mut revoked = with_invitation();
    revoked.revoke(key(1));
    assert_eq!(joins(&revoked, by(1, NOW)), Err(RuleViolation::Invitation));
    assert_eq!(
        joins(&with_invitation(), by(2, NOW)),
        Err(RuleViolation::Invitation)
    );
    let open = GroupRules {
        join_policy: JoinPolicy::Open,
        ..with_invitation()
    };
    assert_eq!(joins(&open, None), Ok(()));
    assert_eq!(joins(&open, by(2, NOW)), Err(RuleViolation::Invitation));
}

#[test]
fn whoever_is_banned_does_not_come_in_by_an_invitation() {
    let mut rules = with_invitation();
    let account = party(STRANGER).account;
    rules.ban(account);
    assert_eq!(joins(&rules, by(1, NOW)), Err(RuleViolation::Banned { account }));
}

#[test]
fn owner_and_admins_alone_make_and_revoke_invitations() {
    for (before, after) in [(group(), with_invitation()), (with_invitation(), group())] {
        let may = [OWNER, ADMIN, MEMBER]
            .map(|number| check(Actor::Member(device(number)), &before, &after, None).is_ok());
        assert_eq!(may, [true, true, false]);
    }
    // Nor does a joiner.
    let joiner = Actor::Joiner(device(STRANGER));
    let mut more = with_invitation();
    more.invite(invitation(2));
    assert_eq!(
        check(joiner, &with_invitation(), &more, by(1, NOW)),
        Err(RuleViolation::RulesChanged)
    );
}

#[test]
fn a_members_commit_shows_no_invitation() {
    let rules = with_invitation();
    assert_eq!(
        check(Actor::Member(device(ADMIN)), &rules, &rules, by(1, NOW)),
        Err(RuleViolation::Invitation)
    );
}

#[test]
fn expired_invitations_are_forgotten() {
    let mut rules = with_invitation();
    rules.invite(Invitation {
        expires_at: NOW,
        ..invitation(2)
    });
    rules.forget_expired_invitations(NOW);
    assert_eq!(rules.invitations, [invitation(1)]);
}

#[test]
fn invitations_are_few_in_order_and_with_bounds() {
    type Wrong = fn(&mut GroupRules);
    let wrong: [Wrong; 5] = [
        |rules| rules.invitations = vec![invitation(2), invitation(1)],
        |rules| rules.invitations = vec![invitation(1), invitation(1)],
        |rules| rules.invitations.iter_mut().for_each(|each| each.uses = 0),
        |rules| {
            let most = limits::INVITATION_USES;
            rules.invitations.iter_mut().for_each(|each| each.uses = most + 1);
        },
        |rules| (0..=16).for_each(|number| rules.invite(invitation(number))),
    ];
    for (number, wrong) in wrong.into_iter().enumerate() {
        let mut rules = with_invitation();
        wrong(&mut rules);
        assert_eq!(
            ChatRules::Group(rules).encode(),
            Err(RuleViolation::Malformed),
            "{number}"
        );
    }
}

#[test]
fn a_group_without_invitations_is_encoded_as_before_there_were_any() {
    let GroupRules {
        group_key,
        is_listed,
        join_policy,
        retention,
        removals,
        offices,
        banned,
        invitations: _,
        history: _,
        community: _,
        is_broadcast: _,
    } = group();
    let fields = (
        group_key,
        is_listed,
        join_policy,
        retention,
        removals,
        offices,
        banned,
    );
    let before = postcard::to_extend(&fields, vec![2]).unwrap();
    assert_eq!(ChatRules::Group(group()).encode(), Ok(before));
}

proptest! {
    #[test]
    fn any_invitations_have_one_encoding(
        invitations in proptest::collection::btree_map(any::<[u8; 32]>(), (any::<u64>(), 1..=limits::INVITATION_USES), 0..17),
    ) {
        let mut rules = group();
        for (key, (expires_at, uses)) in invitations {
            rules.invite(Invitation {
                key: InvitationKey::from_bytes(key),
                expires_at: Timestamp(expires_at),
                uses,
            });
        }
        let rules = ChatRules::Group(rules);
        let encoded = rules.encode().unwrap();
        prop_assert_eq!(ChatRules::decode(&encoded), Ok(rules));
        let continued = [encoded.as_slice(), &[0]].concat();
        prop_assert_eq!(ChatRules::decode(&continued), Err(RuleViolation::Malformed));
    }
}
