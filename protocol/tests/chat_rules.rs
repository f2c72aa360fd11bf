//! The rules of chats: what each kind of chat allows to whom.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test nothing is public, and what is not as it should be fails"
)]

use proptest::prelude::*;
use sotto_protocol::chat_rules::{
    Actor, Approvers, Change, DirectRules, GrantedHistory, Inviters, JoinPolicy, Member, Party, Role,
    RuleViolation,
};
use sotto_protocol::{
    AccountId, ChatRules, CommunityId, DeviceAddress, DeviceId, GroupKey, GroupRules, IdentityKey, Retention,
    Suite, Timestamp, limits,
};

const OWNER: u8 = 1;
const ADMIN: u8 = 2;
const OTHER_ADMIN: u8 = 3;
const MEMBER: u8 = 4;
const OTHER_MEMBER: u8 = 5;
const STRANGER: u8 = 9;

fn account(number: u8) -> AccountId {
    AccountId::from_bytes([number; 16])
}

fn party(number: u8) -> Party {
    Party {
        account: account(number),
        identity_key: IdentityKey::from_bytes([number; 32]),
    }
}

/// The first, second, … device of an account.
fn device(number: u8, which: u8) -> Member {
    Member {
        address: DeviceAddress {
            account: account(number),
            device: DeviceId::from_bytes([which; 16]),
        },
        identity_key: Some(party(number).identity_key),
    }
}

fn with_other_identity(member: Member) -> Member {
    Member {
        identity_key: Some(IdentityKey::from_bytes([0xee; 32])),
        ..member
    }
}

fn stranger() -> Member {
    device(STRANGER, 1)
}

/// What a Commit does, beginning with nothing.
struct Attempt {
    suite: Suite,
    before: ChatRules,
    after: ChatRules,
    members: Vec<Member>,
    by: Actor,
    added: Vec<Member>,
    removed: Vec<Member>,
    approvals: Vec<(DeviceAddress, AccountId)>,
    departed: Vec<AccountId>,
}

impl Attempt {
    fn check(&self) -> Result<(), RuleViolation> {
        self.before.check(&Change {
            suite: self.suite,
            by: self.by,
            members: &self.members,
            added: &self.added,
            removed: &self.removed,
            approvals: &self.approvals,
            departed: &self.departed,
            invited: None,
            rules: &self.after,
        })
    }

    fn adding(mut self, added: impl IntoIterator<Item = Member>) -> Self {
        self.added.extend(added);
        self
    }

    fn removing(mut self, removed: impl IntoIterator<Item = Member>) -> Self {
        self.removed.extend(removed);
        self
    }

    fn approved_by(mut self, accounts: &[u8]) -> Self {
        let newcomer = self.added[0].address;
        self.approvals
            .extend(accounts.iter().map(|number| (newcomer, account(*number))));
        self
    }

    fn departed(mut self, number: u8) -> Self {
        self.departed.push(account(number));
        self
    }

    fn ruling(mut self, change: impl FnOnce(&mut GroupRules)) -> Self {
        let ChatRules::Group(rules) = &mut self.after else {
            panic!("not a group");
        };
        change(rules);
        self
    }

    fn noting(self, accounts: &[u8]) -> Self {
        self.ruling(|rules| rules.note_removal(accounts.iter().copied().map(account)))
    }
}

fn attempt(rules: ChatRules, members: Vec<Member>, by: Actor) -> Attempt {
    Attempt {
        suite: Suite::default(),
        after: rules.clone(),
        before: rules,
        members,
        by,
        added: Vec::new(),
        removed: Vec::new(),
        approvals: Vec::new(),
        departed: Vec::new(),
    }
}

mod between_given_accounts {
    use super::*;

    fn rules() -> ChatRules {
        ChatRules::Direct(DirectRules::new(party(1), party(2)).unwrap())
    }

    fn members() -> Vec<Member> {
        vec![device(1, 10), device(1, 11), device(2, 20)]
    }

    fn by_member() -> Attempt {
        attempt(rules(), members(), Actor::Member(device(1, 10)))
    }

    fn by_joiner(joiner: Member) -> Attempt {
        attempt(rules(), members(), Actor::Joiner(joiner))
    }

    #[test]
    fn a_member_adds_devices_of_either_account() {
        let added = by_member().adding([device(1, 12), device(2, 21)]);
        assert_eq!(added.check(), Ok(()));
    }

    #[test]
    fn a_member_adds_no_stranger_and_no_other_identity() {
        let account = account(3);
        assert_eq!(
            by_member().adding([device(3, 30)]).check(),
            Err(RuleViolation::Stranger { account })
        );
        assert_eq!(
            by_member().adding([with_other_identity(device(2, 21))]).check(),
            Err(RuleViolation::Stranger {
                account: party(2).account
            })
        );
    }

    #[test]
    fn a_member_removes_devices_of_its_own_account_alone() {
        assert_eq!(by_member().removing([device(1, 11)]).check(), Ok(()));
        assert_eq!(
            by_member().removing([device(2, 20)]).check(),
            Err(RuleViolation::RemovesOthers { account: account(2) })
        );
    }

    #[test]
    fn no_device_is_in_the_chat_twice_unless_its_old_leaf_goes() {
        let twice = Err(RuleViolation::DeviceTwice);
        assert_eq!(by_member().adding([device(1, 11)]).check(), twice);
        let anew = by_member().adding([device(1, 11)]).removing([device(1, 11)]);
        assert_eq!(anew.check(), Ok(()));
        assert_eq!(by_member().adding([device(2, 21), device(2, 21)]).check(), twice);
    }

    #[test]
    fn a_joiner_is_of_a_party_and_removes_no_other_leaf_than_its_own() {
        assert_eq!(by_joiner(device(2, 21)).check(), Ok(()));
        assert_eq!(
            by_joiner(device(3, 30)).check(),
            Err(RuleViolation::Stranger { account: account(3) })
        );
        assert_eq!(by_joiner(device(2, 20)).check(), Err(RuleViolation::DeviceTwice));
        assert_eq!(by_joiner(device(2, 20)).removing([device(2, 20)]).check(), Ok(()));
        assert_eq!(
            by_joiner(device(2, 21)).removing([device(2, 20)]).check(),
            Err(RuleViolation::JoinerRemoves)
        );
        assert_eq!(
            by_joiner(device(2, 21)).adding([device(2, 22)]).check(),
            Err(RuleViolation::JoinerAdds)
        );
    }

    #[test]
    fn an_account_has_no_more_devices_than_it_can() {
        let room = limits::DEVICES_PER_ACCOUNT - 1;
        let devices = (0..room).map(|number| device(2, 100 + u8::try_from(number).unwrap()));
        let full = by_member().adding(devices);
        assert_eq!(full.check(), Ok(()));
        assert_eq!(
            full.adding([device(2, 99)]).check(),
            Err(RuleViolation::TooManyDevices)
        );
    }

    #[test]
    fn the_rules_are_for_good() {
        let mut changed = by_member();
        changed.after = ChatRules::Direct(DirectRules::new(party(1), party(3)).unwrap());
        assert_eq!(changed.check(), Err(RuleViolation::RulesChanged));
    }

    #[test]
    fn the_parties_are_two() {
        let same = Err(RuleViolation::SameParty);
        assert_eq!(DirectRules::new(party(1), party(1)), same);
        let same_key = Party {
            identity_key: party(1).identity_key,
            ..party(2)
        };
        assert_eq!(DirectRules::new(party(1), same_key), same);
    }

    #[test]
    fn notes_are_of_one_account() {
        let notes = || {
            let by = Actor::Member(device(1, 10));
            attempt(ChatRules::Notes(party(1)), vec![device(1, 10)], by)
        };
        assert_eq!(notes().adding([device(1, 11)]).check(), Ok(()));
        assert_eq!(
            notes().adding([device(2, 20)]).check(),
            Err(RuleViolation::Stranger { account: account(2) })
        );
        let joiner = Actor::Joiner(device(1, 11));
        let joins = attempt(ChatRules::Notes(party(1)), vec![device(1, 10)], joiner);
        assert_eq!(joins.check(), Ok(()));
    }
}

mod groups {
    use super::*;

    const INVITE_BY_ADMINS: JoinPolicy = JoinPolicy::Invite { by: Inviters::Admins };
    const INVITE_BY_MEMBERS: JoinPolicy = JoinPolicy::Invite {
        by: Inviters::Members,
    };

    const fn approval(by: Approvers) -> JoinPolicy {
        JoinPolicy::Approval { by }
    }

    fn group(join_policy: JoinPolicy) -> GroupRules {
        let mut rules = GroupRules::new(GroupKey::from_bytes([7; 32]), party(OWNER), join_policy);
        rules.appoint(party(OTHER_ADMIN), Role::Admin);
        rules.appoint(party(ADMIN), Role::Admin);
        rules
    }

    /// Everybody with one device, but the member, who has two.
    fn members() -> Vec<Member> {
        [OWNER, ADMIN, OTHER_ADMIN, MEMBER, OTHER_MEMBER]
            .map(|number| device(number, 1))
            .into_iter()
            .chain([device(MEMBER, 2)])
            .collect()
    }

    fn by(number: u8, join_policy: JoinPolicy) -> Attempt {
        let actor = Actor::Member(device(number, 1));
        attempt(ChatRules::Group(group(join_policy)), members(), actor)
    }

    fn joins(joiner: Member, join_policy: JoinPolicy) -> Attempt {
        attempt(
            ChatRules::Group(group(join_policy)),
            members(),
            Actor::Joiner(joiner),
        )
    }

    /// Which of owner, admin and member may.
    fn may(attempt: impl Fn(u8) -> Attempt) -> [bool; 3] {
        [OWNER, ADMIN, MEMBER].map(|number| attempt(number).check().is_ok())
    }

    #[test]
    fn a_member_without_the_right_adds_nobody() {
        let adds = |policy| move |number| by(number, policy).adding([stranger()]);
        assert_eq!(may(adds(INVITE_BY_ADMINS)), [true, true, false]);
        assert_eq!(may(adds(INVITE_BY_MEMBERS)), [true; 3]);
        assert_eq!(may(adds(approval(Approvers::AnyAdmin))), [true, true, false]);
        assert_eq!(may(adds(approval(Approvers::AnyMember))), [true; 3]);
        assert_eq!(may(adds(approval(Approvers::Members(2)))), [false; 3]);
        assert_eq!(may(adds(JoinPolicy::Open)), [true; 3]);
        assert_eq!(
            by(MEMBER, INVITE_BY_ADMINS).adding([stranger()]).check(),
            Err(RuleViolation::NotInvited {
                account: account(STRANGER)
            })
        );
    }

    #[test]
    fn a_newcomer_needs_the_approvals_that_the_rule_says_of_different_members() {
        let account = account(STRANGER);
        let refused = Err(RuleViolation::NotApproved { account });
        let attempt = |by_whom, approved: &[u8], rule| {
            by(by_whom, approval(rule))
                .adding([stranger()])
                .approved_by(approved)
                .check()
        };
        let three = Approvers::Members(3);
        assert_eq!(attempt(MEMBER, &[ADMIN, OTHER_MEMBER], three), Ok(()));
        assert_eq!(attempt(MEMBER, &[ADMIN], three), refused);
        // Itself, twice, and a stranger do not count.
        assert_eq!(attempt(MEMBER, &[MEMBER, ADMIN, ADMIN, 8], three), refused);
        // The newcomer's own word does not either.
        assert_eq!(attempt(MEMBER, &[STRANGER, ADMIN], three), refused);
        // An admin's approval lets a member add; another member's does not.
        assert_eq!(attempt(MEMBER, &[ADMIN], Approvers::AnyAdmin), Ok(()));
        assert_eq!(attempt(MEMBER, &[OTHER_MEMBER], Approvers::AnyAdmin), refused);
    }

    #[test]
    fn an_approval_is_for_one_device_of_the_newcomer() {
        let attempt = by(MEMBER, approval(Approvers::Members(2)))
            .adding([stranger(), device(STRANGER, 2)])
            .approved_by(&[ADMIN]);
        assert_eq!(
            attempt.check(),
            Err(RuleViolation::NotApproved {
                account: account(STRANGER)
            })
        );
    }

    #[test]
    fn an_office_does_not_outlive_the_identity_of_its_holder() {
        let mut attempt = by(MEMBER, approval(Approvers::AnyAdmin))
            .adding([stranger()])
            .approved_by(&[ADMIN]);
        assert_eq!(attempt.check(), Ok(()));
        attempt.members[1] = with_other_identity(attempt.members[1]);
        assert_eq!(
            attempt.check(),
            Err(RuleViolation::NotApproved {
                account: account(STRANGER)
            })
        );
    }

    #[test]
    fn only_into_an_open_group_does_a_stranger_join_alone() {
        assert_eq!(joins(stranger(), JoinPolicy::Open).check(), Ok(()));
        for policy in [INVITE_BY_MEMBERS, approval(Approvers::AnyMember)] {
            assert_eq!(
                joins(stranger(), policy).check(),
                Err(RuleViolation::Stranger {
                    account: account(STRANGER)
                })
            );
        }
        let banned = joins(stranger(), JoinPolicy::Open).ruling(|rules| rules.ban(account(STRANGER)));
        let banned = Attempt {
            before: banned.after.clone(),
            ..banned
        };
        assert_eq!(
            banned.check(),
            Err(RuleViolation::Banned {
                account: account(STRANGER)
            })
        );
    }

    #[test]
    fn a_members_new_device_joins_alone_and_a_lost_one_takes_its_place_again() {
        for policy in [
            INVITE_BY_ADMINS,
            approval(Approvers::Members(3)),
            JoinPolicy::Open,
        ] {
            assert_eq!(joins(device(MEMBER, 3), policy).check(), Ok(()));
            let again = joins(device(OTHER_MEMBER, 1), policy).removing([device(OTHER_MEMBER, 1)]);
            assert_eq!(again.check(), Ok(()));
            assert_eq!(
                joins(with_other_identity(device(MEMBER, 3)), policy).check(),
                Err(RuleViolation::TwoIdentities {
                    account: account(MEMBER)
                })
            );
            // Nor in the place of the only device that the account has.
            let replaced = joins(with_other_identity(device(OTHER_MEMBER, 1)), policy)
                .removing([device(OTHER_MEMBER, 1)]);
            assert_eq!(
                replaced.check(),
                Err(RuleViolation::TwoIdentities {
                    account: account(OTHER_MEMBER)
                })
            );
            assert_eq!(
                joins(device(MEMBER, 3), policy)
                    .removing([device(OWNER, 1)])
                    .check(),
                Err(RuleViolation::JoinerRemoves)
            );
            let rules = joins(device(MEMBER, 3), policy).ruling(|rules| rules.is_listed = true);
            assert_eq!(rules.check(), Err(RuleViolation::RulesChanged));
        }
    }

    #[test]
    fn devices_of_an_account_are_its_own_affair() {
        let adds = by(MEMBER, INVITE_BY_ADMINS).adding([device(MEMBER, 3)]);
        assert_eq!(adds.check(), Ok(()));
        let removes = by(MEMBER, INVITE_BY_ADMINS).removing([device(MEMBER, 2)]);
        assert_eq!(removes.check(), Ok(()));
        assert_eq!(
            by(OWNER, JoinPolicy::Open).adding([device(MEMBER, 3)]).check(),
            Err(RuleViolation::AddsToOthers {
                account: account(MEMBER)
            })
        );
        let some = by(OWNER, JoinPolicy::Open)
            .removing([device(MEMBER, 2)])
            .noting(&[MEMBER]);
        assert_eq!(
            some.check(),
            Err(RuleViolation::RemovesSomeOfOthers {
                account: account(MEMBER)
            })
        );
        let replaced = by(OWNER, JoinPolicy::Open)
            .removing([device(OTHER_MEMBER, 1)])
            .adding([device(OTHER_MEMBER, 2)])
            .noting(&[OTHER_MEMBER]);
        assert!(replaced.check().is_err());
    }

    #[test]
    fn one_removes_those_below_oneself() {
        let removes = |target: u8| {
            move |number| {
                by(number, JoinPolicy::Open)
                    .removing([device(target, 1)])
                    .noting(&[target])
            }
        };
        assert_eq!(may(removes(OTHER_MEMBER)), [true, true, false]);
        assert_eq!(may(removes(OTHER_ADMIN)), [true, false, false]);
        let owner = by(ADMIN, JoinPolicy::Open)
            .removing([device(OWNER, 1)])
            .noting(&[OWNER]);
        assert_eq!(
            owner.check(),
            Err(RuleViolation::RemovesOthers {
                account: account(OWNER)
            })
        );
    }

    #[test]
    fn whoever_leaves_is_removed_by_anyone_whatever_the_role() {
        for (leaver, devices) in [(OWNER, vec![1]), (ADMIN, vec![1]), (MEMBER, vec![1, 2])] {
            let attempt = |departed: bool| {
                let attempt = by(OTHER_MEMBER, JoinPolicy::Open)
                    .removing(devices.iter().map(|which| device(leaver, *which)))
                    .noting(&[leaver]);
                if departed {
                    attempt.departed(leaver)
                } else {
                    attempt
                }
            };
            assert_eq!(attempt(true).check(), Ok(()), "{leaver}");
            assert!(attempt(false).check().is_err(), "{leaver}");
        }
    }

    #[test]
    fn a_removal_is_counted_and_takes_the_office_along() {
        let removes = || by(OWNER, JoinPolicy::Open).removing([device(ADMIN, 1)]);
        assert_eq!(removes().check(), Err(RuleViolation::RulesChanged));
        let office_kept = removes().ruling(|rules| rules.removals += 1);
        assert_eq!(
            office_kept.check(),
            Err(RuleViolation::AbsentOfficer {
                account: account(ADMIN)
            })
        );
        assert_eq!(removes().noting(&[ADMIN]).check(), Ok(()));
        let counted_without = by(OWNER, JoinPolicy::Open).ruling(|rules| rules.removals += 1);
        assert_eq!(counted_without.check(), Err(RuleViolation::RulesChanged));
        let banned = removes()
            .noting(&[ADMIN])
            .ruling(|rules| rules.ban(account(ADMIN)));
        assert_eq!(banned.check(), Ok(()));
    }

    #[test]
    fn a_member_cannot_be_banned_and_stay() {
        let banned = by(OWNER, JoinPolicy::Open).ruling(|rules| rules.ban(account(MEMBER)));
        assert_eq!(
            banned.check(),
            Err(RuleViolation::Banned {
                account: account(MEMBER)
            })
        );
    }

    #[test]
    fn owner_and_admins_change_the_settings_and_nobody_the_groups_key() {
        type Setting = fn(&mut GroupRules);
        let settings: [Setting; 5] = [
            |rules| rules.is_listed = true,
            |rules| rules.join_policy = INVITE_BY_ADMINS,
            |rules| rules.retention = Retention::For { seconds: 60 },
            |rules| rules.ban(account(STRANGER)),
            |rules| rules.history = GrantedHistory::Since(Timestamp(1)),
        ];
        for setting in settings {
            let changes = |number| by(number, JoinPolicy::Open).ruling(setting);
            assert_eq!(may(changes), [true, true, false]);
        }
        let key = |number| {
            by(number, JoinPolicy::Open).ruling(|rules| rules.group_key = GroupKey::from_bytes([8; 32]))
        };
        assert_eq!(may(key), [false; 3]);
    }

    #[test]
    fn the_owner_alone_appoints_dismisses_and_hands_on() {
        let appoints = |role| {
            move |number| {
                by(number, JoinPolicy::Open).ruling(|rules| rules.appoint(party(OTHER_MEMBER), role))
            }
        };
        assert_eq!(may(appoints(Role::Admin)), [true, false, false]);
        assert_eq!(may(appoints(Role::Owner)), [true, false, false]);
        let dismisses =
            |number| by(number, JoinPolicy::Open).ruling(|rules| rules.dismiss(account(OTHER_ADMIN)));
        assert_eq!(may(dismisses), [true, false, false]);
        let usurps = by(ADMIN, JoinPolicy::Open).ruling(|rules| rules.appoint(party(ADMIN), Role::Owner));
        assert_eq!(usurps.check(), Err(RuleViolation::RulesChanged));
    }

    #[test]
    fn an_admin_lays_its_office_down_and_an_owner_has_to_hand_it_on() {
        let resigns = |number| by(number, JoinPolicy::Open).ruling(|rules| rules.dismiss(account(number)));
        assert_eq!(resigns(ADMIN).check(), Ok(()));
        assert_eq!(resigns(OWNER).check(), Err(RuleViolation::RulesChanged));
    }

    #[test]
    fn an_office_is_for_members_with_the_identity_that_they_show() {
        for holder in [
            party(STRANGER),
            Party {
                identity_key: party(STRANGER).identity_key,
                ..party(MEMBER)
            },
        ] {
            let appoints = by(OWNER, JoinPolicy::Open).ruling(|rules| rules.appoint(holder, Role::Admin));
            assert_eq!(
                appoints.check(),
                Err(RuleViolation::AbsentOfficer {
                    account: holder.account
                })
            );
        }
    }

    /// A group whose owner has left, with or without admins.
    fn orphaned(number: u8, admins: bool) -> Attempt {
        let mut rules = group(JoinPolicy::Open);
        rules.note_removal([account(OWNER)]);
        if !admins {
            rules.dismiss(account(ADMIN));
            rules.dismiss(account(OTHER_ADMIN));
        }
        let mut members = members();
        members.remove(0);
        attempt(ChatRules::Group(rules), members, Actor::Member(device(number, 1)))
    }

    #[test]
    fn a_group_without_an_owner_is_taken_over_by_an_admin_or_if_there_is_none_by_a_member() {
        let takes = |number, admins| {
            orphaned(number, admins)
                .ruling(|rules| {
                    rules.dismiss(account(number));
                    rules.offices.insert(
                        rules
                            .offices
                            .partition_point(|office| office.holder.account < account(number)),
                        sotto_protocol::chat_rules::Office {
                            holder: party(number),
                            role: Role::Owner,
                        },
                    );
                })
                .check()
        };
        assert_eq!(takes(ADMIN, true), Ok(()));
        assert_eq!(takes(MEMBER, true), Err(RuleViolation::RulesChanged));
        assert_eq!(takes(MEMBER, false), Ok(()));
        // For itself alone.
        let for_another = orphaned(ADMIN, true).ruling(|rules| rules.appoint(party(MEMBER), Role::Owner));
        assert_eq!(for_another.check(), Err(RuleViolation::RulesChanged));
    }

    #[test]
    fn the_server_which_knows_no_identities_comes_to_the_same_as_the_members() {
        let attempts = [
            by(MEMBER, INVITE_BY_ADMINS).adding([stranger()]),
            by(ADMIN, INVITE_BY_ADMINS).adding([stranger()]),
            by(OTHER_MEMBER, JoinPolicy::Open)
                .removing([device(ADMIN, 1)])
                .noting(&[ADMIN]),
            by(OWNER, JoinPolicy::Open).ruling(|rules| rules.appoint(party(MEMBER), Role::Owner)),
            joins(stranger(), JoinPolicy::Open),
            joins(device(MEMBER, 3), INVITE_BY_ADMINS),
        ];
        for mut attempt in attempts {
            let with_identities = attempt.check();
            let forget = |member: &Member| Member::from(member.address);
            attempt.members = attempt.members.iter().map(forget).collect();
            attempt.added = attempt.added.iter().map(forget).collect();
            attempt.removed = attempt.removed.iter().map(forget).collect();
            attempt.by = match &attempt.by {
                Actor::Member(member) => Actor::Member(forget(member)),
                Actor::Joiner(member) => Actor::Joiner(forget(member)),
            };
            assert_eq!(attempt.check(), with_identities);
        }
    }

    fn rules() -> impl Strategy<Value = GroupRules> {
        let policy = prop_oneof![
            Just(INVITE_BY_ADMINS),
            Just(INVITE_BY_MEMBERS),
            Just(JoinPolicy::Open),
            (2..=limits::APPROVERS).prop_map(|number| approval(Approvers::Members(number))),
        ];
        let accounts = || proptest::collection::vec(any::<u8>(), 0..9);
        (policy, accounts(), accounts(), any::<(bool, u64)>()).prop_map(
            |(policy, admins, banned, (is_listed, removals))| {
                let mut rules = group(policy);
                for number in admins {
                    rules.appoint(party(number), Role::Admin);
                }
                for number in banned {
                    rules.ban(account(number));
                }
                GroupRules {
                    is_listed,
                    removals,
                    ..rules
                }
            },
        )
    }

    proptest! {
        #[test]
        fn any_rules_have_one_encoding(rules in rules(), cut in any::<prop::sample::Index>()) {
            let rules = ChatRules::Group(rules);
            let encoded = rules.encode().unwrap();
            prop_assert_eq!(ChatRules::decode(&encoded), Ok(rules));
            let cut = &encoded[..cut.index(encoded.len())];
            prop_assert_eq!(ChatRules::decode(cut), Err(RuleViolation::Malformed));
            let continued = [encoded.as_slice(), &[0]].concat();
            prop_assert_eq!(ChatRules::decode(&continued), Err(RuleViolation::Malformed));
        }

        #[test]
        fn random_bytes_do_not_panic(mut bytes in proptest::collection::vec(any::<u8>(), 1..200), kind in 0..5_u8) {
            bytes[0] = kind;
            let _ = ChatRules::decode(&bytes);
        }
    }

    #[test]
    fn a_group_that_gives_newcomers_nothing_is_encoded_as_before_groups_could() {
        let rules = group(JoinPolicy::Open);
        let encoded = |rules: &GroupRules| ChatRules::Group(rules.clone()).encode().unwrap();
        let giving = GroupRules {
            history: GrantedHistory::Since(Timestamp(1)),
            ..rules.clone()
        };
        // Behind the rest: no invitations, and what is given.
        assert_eq!(
            encoded(&giving),
            [encoded(&rules).as_slice(), &[0, 1, 1]].concat()
        );
        assert_eq!(ChatRules::decode(&encoded(&giving)), Ok(ChatRules::Group(giving)));
        let said_twice = [encoded(&rules).as_slice(), &[0, 0]].concat();
        assert_eq!(ChatRules::decode(&said_twice), Err(RuleViolation::Malformed));
    }

    #[test]
    fn a_group_is_of_one_community_for_good_and_of_none_as_before() {
        let rules = group(JoinPolicy::Open);
        let encoded = |rules: &GroupRules| ChatRules::Group(rules.clone()).encode().unwrap();
        let bound = GroupRules {
            community: Some(CommunityId::from_bytes([7; 16])),
            ..rules.clone()
        };
        // Behind the rest: no invitations, nothing given, and the community.
        let expected = [encoded(&rules).as_slice(), &[0, 0, 1], &[7; 16]].concat();
        assert_eq!(encoded(&bound), expected);
        assert_eq!(ChatRules::decode(&expected), Ok(ChatRules::Group(bound.clone())));
        let moves = |number| {
            by(number, JoinPolicy::Open)
                .ruling(|rules| rules.community = Some(CommunityId::from_bytes([7; 16])))
        };
        assert_eq!(may(moves), [false; 3]);
    }

    #[test]
    fn a_broadcast_is_one_for_good_open_to_all_and_hears_its_officers_alone() {
        let talk = group(JoinPolicy::Open);
        let rules = GroupRules {
            is_listed: true,
            is_broadcast: true,
            ..talk.clone()
        };
        for number in 1..=3 {
            let member = device(number, 1);
            assert!(talk.may_speak(&member));
            assert_eq!(rules.may_speak(&member), rules.role_of(&member) >= Role::Admin);
        }
        let encoded = ChatRules::Group(rules.clone()).encode().unwrap();
        assert_eq!(ChatRules::decode(&encoded), Ok(ChatRules::Group(rules)));
        // Without officers anyone takes a group over, and nobody a broadcast.
        for (is_broadcast, takes_over) in [(false, true), (true, false)] {
            let orphan = ChatRules::Group(GroupRules {
                offices: Vec::new(),
                is_listed: true,
                is_broadcast,
                ..talk.clone()
            });
            let members = vec![device(MEMBER, 1), device(OTHER_MEMBER, 1)];
            let takes = attempt(orphan, members, Actor::Member(device(MEMBER, 1)))
                .ruling(|rules| rules.appoint(party(MEMBER), Role::Owner));
            assert_eq!(takes.check().is_ok(), takes_over, "{is_broadcast}");
        }
        let turns = |number| {
            by(number, JoinPolicy::Open).ruling(|rules| (rules.is_listed, rules.is_broadcast) = (true, true))
        };
        assert_eq!(may(turns), [false; 3]);
    }

    #[test]
    fn rules_out_of_bounds_or_out_of_order_are_refused() {
        type Wrong = fn(&mut GroupRules);
        let wrong: [Wrong; 10] = [
            |rules| rules.is_broadcast = true,
            |rules| {
                (rules.is_listed, rules.is_broadcast) = (true, true);
                rules.join_policy = approval(Approvers::AnyMember);
            },
            |rules| rules.offices.reverse(),
            |rules| rules.offices[0].role = Role::Member,
            |rules| rules.offices[1].role = Role::Owner,
            |rules| rules.banned = vec![account(2), account(1)],
            |rules| rules.banned = vec![account(1), account(1)],
            |rules| rules.retention = Retention::For { seconds: 0 },
            |rules| rules.join_policy = approval(Approvers::Members(1)),
            |rules| rules.join_policy = approval(Approvers::Members(limits::APPROVERS + 1)),
        ];
        for (number, wrong) in wrong.into_iter().enumerate() {
            let mut rules = group(JoinPolicy::Open);
            wrong(&mut rules);
            assert_eq!(
                ChatRules::Group(rules).encode(),
                Err(RuleViolation::Malformed),
                "{number}"
            );
        }
    }
}

#[test]
fn each_kind_of_chat_has_one_encoding() {
    let direct = ChatRules::Direct(DirectRules::new(party(1), party(2)).unwrap());
    let encoded = direct.encode().unwrap();
    assert_eq!(encoded.len(), 1 + 2 * (16 + 32));
    assert_eq!(ChatRules::decode(&encoded), Ok(direct.clone()));
    assert_eq!(
        DirectRules::new(party(2), party(1)).map(ChatRules::Direct),
        Ok(direct)
    );
    let mut swapped = encoded;
    swapped[1..].rotate_left(48);
    assert_eq!(ChatRules::decode(&swapped), Err(RuleViolation::Malformed));
    let notes = ChatRules::Notes(party(1));
    assert_eq!(ChatRules::decode(&notes.encode().unwrap()), Ok(notes));
}

mod room {
    use super::*;

    /// So many devices of as many accounts, the owner's first.
    fn members(number: usize) -> Vec<Member> {
        (1..=number).map(numbered).collect()
    }

    fn numbered(number: usize) -> Member {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&u64::try_from(number).unwrap().to_le_bytes());
        Member::from(DeviceAddress {
            account: AccountId::from_bytes(id),
            device: DeviceId::from_bytes(id),
        })
    }

    fn group(suite: Suite, number: usize, by: fn(Member) -> Actor, who: Member) -> Attempt {
        let owner = Party {
            account: numbered(1).account(),
            identity_key: IdentityKey::from_bytes([1; 32]),
        };
        let rules = GroupRules::new(GroupKey::from_bytes([1; 32]), owner, JoinPolicy::Open);
        Attempt {
            suite,
            ..attempt(ChatRules::Group(rules), members(number), by(who))
        }
    }

    #[test]
    fn a_chat_takes_devices_until_it_has_as_many_as_its_suite_allows() {
        for suite in Suite::ALL {
            let most = suite.most_devices();
            let full = Err(RuleViolation::Full { most });
            let added = |before| {
                let newcomers = [numbered(most), numbered(most + 1)];
                let attempt = group(suite, before, Actor::Member, numbered(1));
                attempt
                    .adding(newcomers.into_iter().skip(before + 1 - most))
                    .check()
            };
            assert_eq!(added(most - 1), full);
            assert_eq!(added(most), full);
            let one = group(suite, most - 1, Actor::Member, numbered(1)).adding([numbered(most)]);
            assert_eq!(one.check(), Ok(()));
            assert_eq!(
                group(suite, most - 1, Actor::Joiner, numbered(most)).check(),
                Ok(())
            );
            assert_eq!(
                group(suite, most, Actor::Joiner, numbered(most + 1)).check(),
                full
            );
        }
    }

    #[test]
    fn in_a_full_chat_one_can_be_replaced_and_a_device_comes_back_to_its_place() {
        let suite = Suite::default();
        let most = suite.most_devices();
        let replaced = group(suite, most, Actor::Member, numbered(1))
            .removing([numbered(2)])
            .adding([numbered(most + 1)])
            .noting_numbered(2);
        assert_eq!(replaced.check(), Ok(()));
        let again = group(suite, most, Actor::Joiner, numbered(2)).removing([numbered(2)]);
        assert_eq!(again.check(), Ok(()));
    }

    #[test]
    fn a_chat_that_has_too_many_already_shrinks_and_renews_its_keys_but_takes_nobody() {
        let suite = Suite::default();
        let most = suite.most_devices();
        let by_owner = || group(suite, most + 10, Actor::Member, numbered(1));
        assert_eq!(by_owner().check(), Ok(()));
        assert_eq!(
            by_owner().removing([numbered(2)]).noting_numbered(2).check(),
            Ok(())
        );
        let swapped = by_owner()
            .removing([numbered(2), numbered(3)])
            .adding([numbered(most + 11)])
            .noting_numbered(3);
        assert_eq!(swapped.check(), Err(RuleViolation::Full { most }));
    }

    #[test]
    fn a_chat_neither_begins_nor_is_joined_with_more_devices_than_its_suite_allows() {
        for suite in Suite::ALL {
            let most = suite.most_devices();
            let ChatRules::Group(rules) = group(suite, 1, Actor::Member, numbered(1)).before else {
                panic!("not a group");
            };
            let rules = ChatRules::Group(rules);
            assert_eq!(rules.check_members(suite, &members(most)), Ok(()));
            assert_eq!(
                rules.check_members(suite, &members(most + 1)),
                Err(RuleViolation::Full { most })
            );
        }
    }

    impl Attempt {
        fn noting_numbered(self, number: usize) -> Self {
            self.ruling(|rules| rules.note_removal([numbered(number).account()]))
        }
    }
}
