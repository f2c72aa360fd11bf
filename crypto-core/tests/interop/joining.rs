//! Joining by Welcome.

use crate::member::{BOTH_WAYS, Change, Implementation, Invitation, Member};
use crate::mls_rs_member::MlsRsMember;
use crate::our_member::OurMember;
use crate::provider::{Provider, SUITE};
use crate::scene::{BY_MEMBERS, Scene};
use mls_rs::{CryptoProvider as _, MlsMessage};
use sotto_protocol::chat_rules::JoinPolicy;
use sotto_protocol::limits;

use Implementation::{MlsRs, Newer, Ours};

#[test]
fn each_joins_a_group_that_the_other_founds() {
    for [founder, joiner] in BOTH_WAYS {
        let mut scene = Scene::founded(BY_MEMBERS, founder, &[joiner]);
        assert_eq!(scene.members[1].view().epoch, 1);
        scene.all_say_something();
    }
}

#[test]
fn one_welcome_brings_in_devices_of_both() {
    for founder in [Ours, MlsRs] {
        let others = [MlsRs, Ours, Ours, MlsRs, Ours, MlsRs, MlsRs];
        let mut scene = Scene::founded(BY_MEMBERS, founder, &others);
        scene.all_say_something();
    }
}

#[test]
fn each_adds_the_other_to_a_chat_of_both() {
    for [committer, other] in BOTH_WAYS {
        for newcomer in [Ours, MlsRs] {
            let mut scene = Scene::founded(BY_MEMBERS, committer, &[other, committer]);
            scene.adds(0, vec![newcomer.member("carol")]);
            scene.adds(1, vec![newcomer.member("dave"), newcomer.member("erin")]);
            assert_eq!(scene.members.len(), 6);
            scene.all_say_something();
        }
    }
}

#[test]
fn each_is_added_by_a_key_package_of_last_resort() {
    for [founder, joiner] in BOTH_WAYS {
        let mut scene = Scene::founded(BY_MEMBERS, founder, &[]);
        let mut newcomer = joiner.member("carol");
        let key_package = newcomer.key_package(true);
        assert!(key_package.len() <= limits::KEY_PACKAGE_BYTES);
        let device = newcomer.verified(&key_package).unwrap();
        let change = Change {
            added: vec![Invitation { key_package, device }],
            ..Change::default()
        };
        scene.commits(0, &change, vec![newcomer]);
        scene.all_say_something();
    }
}

#[test]
fn everyone_passes_over_extensions_that_they_do_not_know() {
    let mut scene = Scene::founded(JoinPolicy::Open, Newer, &[Ours, Newer, MlsRs]);
    scene.adds(1, vec![Ours.member("carol"), Newer.member("dave")]);
    scene.commits(2, &Change::default(), Vec::new());
    for (name, joiner) in [("erin", Ours), ("frank", Newer), ("grace", Ours)] {
        scene.joins_alone(joiner.member(name));
    }
    scene.all_say_something();
}

#[test]
fn a_key_package_has_the_same_reference_to_both() {
    let members: [Box<dyn Member>; 2] = [
        Box::new(OurMember::new("ours")),
        Box::new(MlsRsMember::new("theirs")),
    ];
    for mut member in members {
        let invitation = member.invitation();
        let theirs = MlsMessage::from_bytes(&invitation.key_package)
            .unwrap()
            .key_package_reference(&Provider::seeded([0; 32]).cipher_suite_provider(SUITE).unwrap())
            .unwrap()
            .unwrap();
        assert_eq!(&*theirs, invitation.device.reference().as_bytes());
    }
}
