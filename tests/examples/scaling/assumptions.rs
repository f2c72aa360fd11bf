//! What the calculation goes by: figures that were measured, and what had to be assumed. Change them here, and all else follows.

/// Where a figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Measured on one core of the machine that docs/performance.md names; the command that prints it.
    Measured(&'static str),
    /// A spike's figure: a bare relay with the same shape, measured before the server was built.
    Spike,
    /// A goal that the figures in docs/performance.md are held against: to be replaced by what was measured.
    Goal,
    /// Assumed: nobody has measured it here.
    Assumed,
}

/// A figure with its name, unit and source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    pub(crate) source: Source,
}

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident = $value:expr, $unit:literal, $source:expr;)+) => {
        $($(#[$doc])* pub(crate) const $name: f64 = $value;)+

        /// All of them, to be printed with the results.
        pub(crate) const ALL: &[Figure] = &[$(Figure {
            name: stringify!($name),
            value: $name,
            unit: $unit,
            source: $source,
        },)+];
    };
}

use Source::{Assumed, Goal, Measured, Spike};

figures! {
    // The load.
    /// What the mission asks for at its peak.
    MESSAGES_PER_USER = 2.0, "messages/s and user at the peak", Goal;
    /// Of a direct message: everybody in the chat but the sender.
    RECIPIENTS = 1.0, "recipients of a message", Goal;
    PEAK_TO_MEAN = 10.0, "× the mean of a day", Assumed;
    PAYLOAD = 300.0, "bytes of a message", Goal;
    KEPT_DAYS = 30.0, "days that messages are kept on the server, on average", Assumed;

    // A node.
    NODE_CORES = 16.0, "cores of a node", Assumed;
    NODE_MEMORY = 64.0, "GiB of a node", Assumed;
    NODE_NETWORK = 25.0, "Gbit/s of a node", Assumed;
    /// So that the others bear a node's share when it dies, and p99 stays where it was measured.
    NODE_UTILISATION = 0.5, "of a node's cores at the peak", Assumed;
    MESSAGE_CPU = 34.0, "µs of a core a durable message to one recipient, many connections", Measured("cargo xtask load goals --only mission");
    DELIVERY_CPU = 5.6, "µs of a core each further recipient", Spike;
    MULTICORE_LOSS = 1.18, "× processor time on many cores", Spike;
    BUS_CPU = 3.0, "µs of a core a message that goes to another node, at both together", Assumed;
    CONNECTION_MEMORY = 3.2, "KiB of a connection, user space", Measured("cargo xtask load idle --connections 19000");
    TLS_MEMORY = 8.4, "KiB that TLS adds", Spike;
    KERNEL_MEMORY = 4.2, "KiB of a socket in the kernel", Spike;
    FRAME_OVERHEAD = 100.0, "bytes around a payload on a client's socket", Measured("cargo test -p sotto-protocol");

    // The log.
    SQLITE_ROWS = 94_800.0, "rows/s of one SQLite shard, FULL", Measured("cargo bench -p sotto-server --bench append");
    POSTGRES_ROW = 8.6, "µs of a PostgreSQL a row, in a batch", Measured("cargo bench -p sotto-server --bench append");
    POSTGRES_TRANSACTION = 34.0, "µs of a PostgreSQL a transaction", Spike;
    /// Processor, WAL and vacuum of the busiest day, not of a benchmark's minute.
    POSTGRES_UTILISATION = 0.6, "of a PostgreSQL's time at the peak", Assumed;
    COMMITS = 150.0, "commits/s of one writer on one node: a round trip and an fsync each", Assumed;
    ROW_BYTES = 450.0, "bytes of an entry on disk with its index", Measured("cargo xtask load footprint");
    WRITE_AMPLIFICATION = 7.0, "× bytes written a byte of payload", Spike;
    /// A writer of its own, and what the pools are set to.
    CONNECTIONS_PER_SHARD = 13.0, "connections of one node to one shard", Measured("sotto-server config");
    POSTGRES_CONNECTIONS = 400.0, "connections that a PostgreSQL bears well", Assumed;
    SHARD_DISK = 8.0, "TB of a shard's disk", Assumed;

    // Presence and bus.
    PRESENCE_BYTES = 100.0, "bytes that a node keeps of each connected device of all nodes", Assumed;
    PRESENCE_MEMORY = 4.0, "GiB of a node for presence", Assumed;
    RECONNECTS = 20.0, "connects of a device a day", Assumed;
    GOSSIP_BATCH = 0.01, "s for which a node gathers announcements", Assumed;
    HEARTBEAT = 1.0, "s between heartbeats of a node", Assumed;
    STORM_SECONDS = 5.0, "s in which the devices of a dead node come back", Goal;
    NATS_MESSAGES = 340_000.0, "messages/s of a NATS core, in and out", Measured("cargo xtask peers");
    NATS_CORES = 8.0, "cores of a NATS server that it can use", Assumed;
    NATS_UTILISATION = 0.4, "of a NATS server's cores and network at the peak", Assumed;
    NATS_NETWORK = 25.0, "Gbit/s of a NATS server", Assumed;
    NATS_CLUSTER = 3.0, "servers of a NATS cluster", Assumed;

    // Prices: of rented dedicated machines in Europe, to see proportions, not to sign for.
    NODE_PRICE = 200.0, "€ a month, a node", Assumed;
    POSTGRES_PRICE = 300.0, "€ a month, a PostgreSQL with its disks; each has a standby", Assumed;
    NATS_PRICE = 120.0, "€ a month, a NATS server", Assumed;
    BALANCER_PRICE = 150.0, "€ a month, a load balancer; there are two", Assumed;

    // What fails. The times are inputs that the fault tests measure on one machine; the rates nobody can.
    NODE_CRASHES = 2.0, "crashes of a node a year", Assumed;
    /// Of those of a node that was killed, the slowest, in development builds on two busy cores; a balancer may add to it.
    NODE_FAILOVER = 3.7, "s until the devices of a dead node are back", Measured("cargo xtask faults --backend postgres");
    POSTGRES_FAILURES = 1.0, "failures of a PostgreSQL a year", Assumed;
    POSTGRES_FAILOVER = 30.0, "s until its standby has taken over", Assumed;
    ACCOUNTS_SHARE = 0.05, "of all users notice when the accounts' database is away", Assumed;
    NATS_FAILURES = 1.0, "failures of a NATS cluster a year", Assumed;
    NATS_REPAIR = 10.0, "s until entries reach other nodes again; nothing is lost", Assumed;
    UPGRADES = 52.0, "rolling upgrades a year", Assumed;
    UPGRADE_RECONNECT = 2.0, "s without a connection for a device at each", Assumed;
    ZONE_FAILURES = 0.2, "failures of one of three zones a year", Assumed;
    ZONE_FAILOVER = 60.0, "s until its users are back elsewhere", Assumed;
    SITE_FAILURES = 0.3, "failures of everything at once a year: network, balancers, people", Assumed;
    SITE_REPAIR = 900.0, "s until it is mended", Assumed;
    BAD_UPGRADES = 1.0, "upgrades a year that have to be taken back", Assumed;
    BAD_UPGRADE_SECONDS = 600.0, "s until the first node that has it is back", Assumed;
}
