//! Joining alone, by an external Commit.

use crate::member::{BOTH_WAYS, Change, Implementation};
use crate::scene::{BY_MEMBERS, Scene};
use sotto_protocol::chat_rules::JoinPolicy;

use Implementation::{MlsRs, Ours};

#[test]
fn each_joins_the_others_open_group_alone() {
    for [founder, joiner] in BOTH_WAYS {
        let mut scene = Scene::founded(JoinPolicy::Open, founder, &[]);
        scene.joins_alone(joiner.member("carol"));
        scene.all_say_something();
        scene.commits(1, &Change::default(), Vec::new());
        scene.commits(0, &Change::default(), Vec::new());
        scene.all_say_something();
    }
}

#[test]
fn each_joins_alone_by_the_group_info_of_either() {
    for [founder, other] in BOTH_WAYS {
        let mut scene = Scene::founded(JoinPolicy::Open, founder, &[other, founder, other]);
        for (number, newcomer) in [Ours, MlsRs, MlsRs, Ours, Ours].into_iter().enumerate() {
            // By the GroupInfo of who joined just before, or of who committed since.
            scene.joins_alone(newcomer.member(&format!("joiner-{number}")));
            scene.all_say_something();
            if number % 2 == 0 {
                scene.commits(number, &Change::default(), Vec::new());
            }
        }
        assert_eq!(scene.members.len(), 9);
    }
}

#[test]
fn each_takes_its_own_place_again() {
    for [founder, other] in BOTH_WAYS {
        let mut scene = Scene::founded(BY_MEMBERS, founder, &[other, founder, other]);
        for who in 0..4 {
            scene.rejoins_alone(who);
            assert_eq!(scene.members.len(), 4);
            scene.all_say_something();
        }
    }
}
