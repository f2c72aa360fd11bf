//! Commits of members.

use crate::member::{BOTH_WAYS, Change, Implementation};
use crate::scene::{BY_MEMBERS, Scene};
use sotto_protocol::chat_rules::{JoinPolicy, Role};
use sotto_protocol::{ChatRules, GroupRules, Retention};

use Implementation::{MlsRs, Ours};

fn change_of_rules(rules: GroupRules) -> Change {
    Change {
        rules: Some(ChatRules::Group(rules)),
        ..Change::default()
    }
}

/// A founder, and others of both implementations.
fn scenes() -> [Scene; 2] {
    BOTH_WAYS.map(|[founder, other]| Scene::founded(BY_MEMBERS, founder, &[other, founder, other, other]))
}

#[test]
fn everyone_takes_the_self_updates_of_everyone() {
    for mut scene in scenes() {
        let before = scene.members[0].view();
        for committer in 0..scene.members.len() {
            scene.commits(committer, &Change::default(), Vec::new());
            scene.says(committer, "updated");
        }
        let after = scene.members[0].view();
        assert_eq!(after.members, before.members);
        assert_ne!(after.exported, before.exported);
    }
}

#[test]
fn everyone_takes_changes_of_the_rules() {
    for mut scene in scenes() {
        let mut rules = scene.rules();
        rules.is_listed = true;
        rules.join_policy = JoinPolicy::Open;
        rules.retention = Retention::For { seconds: 3600 };
        scene.commits(0, &change_of_rules(rules.clone()), Vec::new());
        assert_eq!(scene.rules(), rules);

        // Handed on to the other implementation, which then uses its office.
        rules.appoint(scene.members[1].party(), Role::Owner);
        scene.commits(0, &change_of_rules(rules.clone()), Vec::new());
        rules.retention = Retention::Never;
        scene.commits(1, &change_of_rules(rules.clone()), Vec::new());
        assert_eq!(scene.rules(), rules);
        scene.all_say_something();
    }
}

#[test]
fn everyone_takes_removals_and_whoever_was_removed_knows() {
    for mut scene in scenes() {
        let removed = [&scene.members[1], &scene.members[2]].map(|member| member.address());
        let mut rules = scene.rules();
        rules.note_removal(removed.map(|address| address.account));
        rules.ban(removed[0].account);
        let change = Change {
            removed: removed.to_vec(),
            rules: Some(ChatRules::Group(rules)),
            ..Change::default()
        };
        scene.commits(0, &change, Vec::new());
        assert_eq!(scene.members.len(), 3);
        scene.all_say_something();
        // The blank leaves are filled again.
        scene.adds(
            2,
            vec![Ours.member("frank"), MlsRs.member("grace"), Ours.member("heidi")],
        );
        scene.all_say_something();
    }
}

#[test]
fn one_commit_adds_removes_and_changes_the_rules() {
    for mut scene in scenes() {
        let mut newcomers = vec![MlsRs.member("frank"), Ours.member("grace")];
        let removed = scene.members[3].address();
        let mut rules = scene.rules();
        rules.note_removal([removed.account]);
        rules.is_listed = true;
        let change = Change {
            added: newcomers
                .iter_mut()
                .map(|newcomer| newcomer.invitation())
                .collect(),
            removed: vec![removed],
            rules: Some(ChatRules::Group(rules)),
            ..Change::default()
        };
        scene.commits(0, &change, newcomers);
        assert_eq!(scene.members.len(), 6);
        scene.all_say_something();
    }
}
