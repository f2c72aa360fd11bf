//! How one node's measured figures carry to two million users, what breaks first on the way, and how 99.995 % comes about.
//! What it prints is explained in docs/scaling.md.
//!
//! ```text
//! cargo run -p sotto-tests --example scaling
//! ```
#![allow(
    clippy::print_stdout,
    clippy::wildcard_imports,
    reason = "it calculates and prints"
)]

mod assumptions;
mod availability;
mod cluster;

use assumptions::Source;
use cluster::{Cluster, Load};

const USERS: [f64; 5] = [200.0, 2_000.0, 20_000.0, 200_000.0, 2_000_000.0];

fn main() {
    println!("Assumptions\n");
    for figure in assumptions::ALL {
        let source = match figure.source {
            Source::Measured(command) => format!("measured: {command}"),
            Source::Spike => "measured: spike".to_owned(),
            Source::Goal => "goal".to_owned(),
            Source::Assumed => "assumed".to_owned(),
        };
        println!(
            "  {:<22} {:>10} {} [{source}]",
            figure.name, figure.value, figure.unit
        );
    }

    println!("\nThe smallest installation that bears so many users\n");
    println!(
        "| users | messages/s | nodes | log | NATS servers | cores busy a node | GiB a node | Gbit/s a node | rows a commit | \
         bus messages/s | gossip/s in a storm | TB kept | GB/s written | € a month |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for users in USERS {
        row(Load { users });
    }

    println!("\nWhat breaks first when there are ten times as many\n");
    for users in USERS {
        breaks(Load { users });
    }

    println!("\nWhat would break without an answer, at two million users\n");
    let load = Load { users: 2_000_000.0 };
    let cluster = Cluster::smallest(load);
    println!(
        "  gossip: a message for each device that comes back, to each other node: {:.0}/s; gathered for {} s: {:.0}/s",
        cluster.gossip_without_batches(load),
        assumptions::GOSSIP_BATCH,
        cluster.gossip(load)
    );
    println!(
        "  batches: {:.0} nodes times {:.0} shards leave {:.1} rows for a commit",
        cluster.nodes,
        cluster.postgres,
        cluster.batch(load)
    );

    println!("\n99.995 %: {:.1} minutes a year\n", availability::ALLOWED);
    for users in USERS {
        let cluster = Cluster::smallest(Load { users });
        let availability = availability::simulate(cluster);
        println!(
            "  {users:>9} users: mean {:.1}, median {:.1}, worst of 20 years {:.1} minutes; {:.0} % of years keep it; {:.1} \
             minutes of messages that come late",
            availability.mean,
            availability.median,
            availability.worst_of_twenty,
            availability.kept * 100.0,
            availability.late
        );
        for (what, minutes) in availability.parts {
            println!("            {minutes:>6.2} {what}");
        }
    }
}

fn row(load: Load) {
    let cluster = Cluster::smallest(load);
    let log = if cluster.postgres == 0.0 {
        format!("{:.0} SQLite", cluster.sqlite)
    } else {
        format!("{:.0} PostgreSQL", cluster.postgres)
    };
    let many = cluster.postgres > 0.0;
    let only_many = |value: f64| {
        if many {
            format!("{value:.0}")
        } else {
            "–".to_owned()
        }
    };
    println!(
        "| {} | {} | {} | {log} | {} | {:.2} | {:.2} | {:.3} | {} | {} | {} | {:.3} | {:.4} | {:.0} |",
        load.users,
        load.messages(),
        cluster.nodes,
        cluster.nats_servers(),
        cluster.node_cores(load),
        cluster.node_memory(load) / 1_073_741_824.0,
        cluster.node_bits(load) / 1e9,
        only_many(cluster.batch(load)),
        only_many(cluster.bus_messages(load)),
        only_many(cluster.gossip(load)),
        Cluster::stored_terabytes(load),
        Cluster::written(load) / 1e9,
        cluster.price()
    );
}

fn breaks(load: Load) {
    let ten_times = Load {
        users: load.users * 10.0,
    };
    let mut uses = Cluster::smallest(load).uses(ten_times);
    uses.sort_by(|one, other| other.part.total_cmp(&one.part));
    let broken: Vec<_> = uses
        .iter()
        .take(4)
        .map(|used| format!("{} at {:.1} ×", used.what, used.part))
        .collect();
    println!(
        "  {:>9} → {:>9}: {}",
        load.users,
        ten_times.users,
        broken.join(", ")
    );
}
