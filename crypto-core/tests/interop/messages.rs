//! Messages.

use crate::member::{BOTH_WAYS, Change, Member as _, text};
use crate::mls_rs_member::MlsRsMember;
use crate::our_member::OurMember;
use crate::scene::{BY_MEMBERS, Scene};
use sotto_crypto_core::ReceiveError;
use sotto_protocol::{ChatRules, limits};

#[test]
fn messages_are_read_in_every_epoch() {
    for [founder, other] in BOTH_WAYS {
        let mut scene = Scene::founded(BY_MEMBERS, founder, &[other, founder, other]);
        for round in 0..8 {
            scene.all_say_something();
            scene.commits(round % 4, &Change::default(), Vec::new());
        }
        scene.all_say_something();
        assert_eq!(scene.members[0].view().epoch, 9);
    }
}

#[test]
fn messages_of_any_length_are_read() {
    for [founder, other] in BOTH_WAYS {
        let mut scene = Scene::founded(BY_MEMBERS, founder, &[other]);
        for length in [0, 1, 100, 128, 1000, 16_384, limits::TEXT_BYTES] {
            scene.says(0, &"x".repeat(length));
            scene.says(1, &"y".repeat(length));
        }
    }
}

#[test]
fn messages_are_read_out_of_order() {
    for [founder, other] in BOTH_WAYS {
        let mut scene = Scene::founded(BY_MEMBERS, founder, &[other]);
        let words = ["one", "two", "three", "four"];
        let payloads = words.map(|words| scene.members[0].encrypts(&text(words)));
        for at in [3, 0, 2, 1] {
            let (_, content) = scene.members[1].decrypts(&payloads[at]);
            assert!(content == text(words[at]));
        }
    }
}

#[test]
fn a_message_after_many_that_were_lost_is_read() {
    for [founder, other] in BOTH_WAYS {
        let mut scene = Scene::founded(BY_MEMBERS, founder, &[other]);
        for _ in 0..200 {
            scene.members[0].encrypts(&text("lost"));
        }
        scene.says(0, "the first to arrive");
        scene.says(0, "and the next");
    }
}

#[test]
fn messages_that_a_commit_overtook_are_read() {
    for [sender, committer] in BOTH_WAYS {
        let mut scene = Scene::founded(BY_MEMBERS, sender, &[committer, sender]);
        let late = scene.members[0].encrypts(&text("late"));
        scene.commits(1, &Change::default(), Vec::new());
        scene.commits(2, &Change::default(), Vec::new());
        let from = scene.members[0].address();
        for member in &mut scene.members[1..] {
            assert!(member.decrypts(&late) == (from, text("late")));
        }
    }
}

#[test]
fn neither_reads_a_message_twice_or_an_altered_one() {
    let (mut ours, mut theirs) = (OurMember::new("ours"), MlsRsMember::new("theirs"));
    let rules = ChatRules::Group(crate::scene::rules(&ours, BY_MEMBERS));
    let founded = ours.founds(&rules, &[theirs.invitation()]);
    theirs.joins(&founded.welcome.unwrap());

    let payload = ours.encrypts(&text("once"));
    let mut altered = payload.clone();
    *altered.last_mut().unwrap() ^= 1;
    assert!(theirs.receives(&altered).is_err());
    theirs.decrypts(&payload);
    assert!(theirs.receives(&payload).is_err());

    let payload = theirs.encrypts(&text("once"));
    let mut altered = payload.clone();
    *altered.last_mut().unwrap() ^= 1;
    assert!(matches!(ours.receives(&altered), Err(ReceiveError::Invalid(_))));
    ours.decrypts(&payload);
    assert!(matches!(
        ours.receives(&payload),
        Err(ReceiveError::AlreadyReceived)
    ));
}
