//! Buses of several nodes over a network that loses, doubles and delays, in simulated time.

mod simulation;

use proptest::prelude::*;
use simulation::{Op, Simulation};
use std::time::Duration;

#[test]
fn an_entry_goes_to_the_node_that_has_a_device_of_the_account_and_to_no_other() {
    let mut nodes = Simulation::of(3);
    nodes.settle();
    nodes.apply(&Op::Connect { node: 1, account: 7 });
    nodes.settle();
    nodes.apply(&Op::Accept { node: 0, account: 7 });
    nodes.apply(&Op::Accept { node: 0, account: 8 });
    nodes.settle();
    assert_eq!(nodes.relayed(1), [0]);
    assert!(nodes.relayed(2).is_empty());
    assert_eq!(nodes.missed(1), 0);
}

#[test]
fn a_node_that_is_silent_is_forgotten_and_what_it_may_have_accepted_last_is_looked_for() {
    let mut nodes = Simulation::of(2);
    nodes.apply(&Op::Connect { node: 0, account: 7 });
    nodes.settle();
    // Accepted, and killed before it could send.
    nodes.accepts_and_dies(1, 7);
    nodes.settle();
    assert_eq!(nodes.known_by(0), 0);
    assert_ne!(nodes.missed(0), 0);
    nodes.check();
}

#[test]
fn what_a_node_accepts_while_it_is_cut_off_is_looked_for_though_it_dies_before_it_is_heard_again() {
    let mut nodes = Simulation::of(2);
    nodes.apply(&Op::Connect { node: 0, account: 7 });
    nodes.settle();
    nodes.apply(&Op::Network {
        loses: 100,
        doubles: 0,
    });
    nodes.settle();
    assert_eq!(nodes.known_by(0), 0);
    nodes.accepts_and_dies(1, 7);
    nodes.apply(&Op::Network { loses: 0, doubles: 0 });
    nodes.settle();
    nodes.check();
}

#[test]
fn a_node_of_which_only_greetings_came_is_looked_after_when_it_falls_silent() {
    let mut nodes = Simulation::of(2);
    nodes.apply(&Op::Connect { node: 0, account: 7 });
    nodes.settle();
    nodes.cut_streams(true);
    // Forgotten and, by its greetings, known anew; what it says to this node alone does not come.
    nodes.apply(&Op::Network {
        loses: 100,
        doubles: 0,
    });
    nodes.settle();
    nodes.apply(&Op::Network { loses: 0, doubles: 0 });
    nodes.apply(&Op::Accept { node: 1, account: 7 });
    nodes.apply(&Op::Pass(Duration::from_mins(2)));
    nodes.apply(&Op::Kill(1));
    nodes.settle();
    nodes.check();
}

#[test]
fn a_node_that_departs_in_order_leaves_nothing_to_look_for() {
    let mut nodes = Simulation::of(2);
    nodes.apply(&Op::Connect { node: 0, account: 7 });
    nodes.settle();
    nodes.apply(&Op::Accept { node: 1, account: 7 });
    nodes.departs(1);
    nodes.settle();
    assert_eq!((nodes.known_by(0), nodes.missed(0)), (0, 0));
    assert_eq!(nodes.relayed(0), [0]);
}

#[test]
fn a_lost_message_is_noticed_by_the_next_heartbeat() {
    let mut nodes = Simulation::of(2);
    nodes.apply(&Op::Connect { node: 1, account: 7 });
    nodes.settle();
    nodes.apply(&Op::Network {
        loses: 100,
        doubles: 0,
    });
    nodes.apply(&Op::Accept { node: 0, account: 7 });
    nodes.apply(&Op::Network { loses: 0, doubles: 0 });
    assert_eq!(nodes.missed(1), 0);
    nodes.apply(&Op::Pass(Duration::from_secs(1)));
    assert_eq!(nodes.missed(1), 1);
    nodes.settle();
    nodes.check();
}

#[test]
fn what_was_recorded_and_is_sent_again_changes_nothing() {
    let mut nodes = Simulation::of(2);
    nodes.apply(&Op::Connect { node: 1, account: 7 });
    nodes.settle();
    nodes.record();
    nodes.apply(&Op::Accept { node: 0, account: 7 });
    nodes.settle();
    nodes.replay();
    nodes.settle();
    assert_eq!(nodes.relayed(1), [0]);
    nodes.departs(0);
    nodes.settle();
    nodes.replay();
    nodes.settle();
    assert_eq!(nodes.known_by(1), 0);
    assert_eq!(nodes.relayed(1), [0]);
}

#[test]
fn clocks_that_differ_by_minutes_do_not_keep_nodes_apart() {
    let mut nodes = Simulation::with_clocks(&[0, 600_000, 20_000]);
    nodes.settle();
    for node in 0..3 {
        assert_eq!(nodes.known_by(node), 2);
    }
}

#[test]
fn of_two_connections_of_a_device_every_node_ends_the_same_one() {
    for skew in [0, 5000] {
        let mut nodes = Simulation::with_clocks(&[skew, 0]);
        nodes.settle();
        nodes.apply(&Op::Connect { node: 0, account: 7 });
        nodes.apply(&Op::Connect { node: 1, account: 7 });
        nodes.settle();
        // The first has heard of the second in time to know that it is older, whatever its clock says.
        assert_eq!((nodes.replaced(0), nodes.replaced(1)), (1, 0), "{skew}");
    }
    let mut nodes = Simulation::of(2);
    nodes.settle();
    nodes.apply(&Op::Network {
        loses: 100,
        doubles: 0,
    });
    nodes.apply(&Op::Connect { node: 0, account: 7 });
    nodes.apply(&Op::Connect { node: 1, account: 7 });
    nodes.apply(&Op::Network { loses: 0, doubles: 0 });
    nodes.settle();
    assert_eq!(nodes.replaced(0) + nodes.replaced(1), 1);
}

#[test]
fn a_long_list_of_devices_goes_in_many_messages_and_arrives_whole() {
    let mut nodes = Simulation::of(1);
    for account in 0..20_000 {
        nodes.apply_quietly(&Op::Connect { node: 0, account });
    }
    nodes.start();
    nodes.settle();
    nodes.check();
    assert!(nodes.largest_message() < 300 * 1024);
}

fn op() -> impl Strategy<Value = Op> {
    let node = 0..4_usize;
    let account = 0..6_u32;
    prop_oneof![
        4 => (node.clone(), account.clone()).prop_map(|(node, account)| Op::Connect { node, account }),
        3 => (node.clone(), account.clone()).prop_map(|(node, account)| Op::Disconnect { node, account }),
        8 => (node.clone(), account).prop_map(|(node, account)| Op::Accept { node, account }),
        4 => (0..3000_u64).prop_map(|millis| Op::Pass(Duration::from_millis(millis))),
        1 => (5000..9000_u64).prop_map(|millis| Op::Pass(Duration::from_millis(millis))),
        2 => (0..101_u32, 0..50_u32).prop_map(|(loses, doubles)| Op::Network { loses, doubles }),
        1 => node.clone().prop_map(Op::Kill),
        1 => node.prop_map(Op::Start),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// Every entry comes, or the node is told to look for it, for every device that was greeted before it was accepted;
    /// and in the end every node knows of every other's devices.
    #[test]
    fn whatever_the_network_and_the_nodes_do_nothing_is_missed_in_silence(
        ops in proptest::collection::vec(op(), 1..60),
        seed in any::<u64>(),
    ) {
        let mut nodes = Simulation::of(4);
        nodes.seed(seed);
        for op in &ops {
            nodes.apply(op);
        }
        nodes.apply(&Op::Network { loses: 0, doubles: 0 });
        nodes.settle();
        nodes.check();
    }
}
