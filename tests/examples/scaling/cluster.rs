//! How large an installation has to be for so many users, and what of it breaks first when there are ten times as many.

use super::assumptions::*;

const GIBI: f64 = 1024.0 * 1024.0 * 1024.0;
const KIBI: f64 = 1024.0;
const SECONDS_A_DAY: f64 = 86_400.0;
/// Steps from one node to the largest installation that is looked for.
const STEPS: usize = 10_000;

/// The load that the users make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) users: f64,
}

impl Load {
    pub(crate) fn messages(self) -> f64 {
        self.users * MESSAGES_PER_USER
    }

    /// Bytes that are kept, at the mean rate for as long as messages live.
    fn stored(self) -> f64 {
        self.messages() / PEAK_TO_MEAN * SECONDS_A_DAY * KEPT_DAYS * ROW_BYTES
    }
}

/// An installation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cluster {
    pub(crate) nodes: f64,
    /// PostgreSQL servers of the log; 0 if the only node has SQLite shards.
    pub(crate) postgres: f64,
    /// SQLite shards of the only node.
    pub(crate) sqlite: f64,
    /// NATS clusters of three servers, each of which serves a part of the nodes.
    pub(crate) nats: f64,
}

/// How much of something is used of what it may be: above 1 it breaks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Use {
    pub(crate) what: &'static str,
    pub(crate) part: f64,
}

impl Cluster {
    /// The smallest that bears the load.
    pub(crate) fn smallest(load: Load) -> Self {
        let mut cluster = Self {
            nodes: 1.0,
            postgres: 0.0,
            sqlite: 1.0,
            nats: 0.0,
        };
        // Each step mends what is used most, as an operator would; no more of anything mends what is left then.
        for _ in 0..STEPS {
            let Some(worst) = cluster.worst(load).filter(|worst| worst.part > 1.0) else {
                break;
            };
            cluster = cluster.mended(worst.what);
        }
        cluster
    }

    fn mended(self, what: &str) -> Self {
        let is_alone = self.postgres == 0.0;
        match what {
            SQLITE if self.sqlite < 4.0 => Self {
                sqlite: self.sqlite + 1.0,
                ..self
            },
            // From one node to several: with PostgreSQL, a bus, and a node more than the load needs.
            _ if is_alone => Self {
                nodes: 3.0,
                postgres: 1.0,
                sqlite: 0.0,
                nats: 1.0,
            },
            POSTGRES_TIME | POSTGRES_DISK => Self {
                postgres: self.postgres + 1.0,
                ..self
            },
            NATS_RATE | NATS_BYTES => Self {
                nats: self.nats + 1.0,
                ..self
            },
            _ => Self {
                nodes: self.nodes + 1.0,
                ..self
            },
        }
    }

    /// What is used most.
    pub(crate) fn worst(self, load: Load) -> Option<Use> {
        self.uses(load)
            .into_iter()
            .max_by(|one, other| one.part.total_cmp(&other.part))
    }

    /// How much is used of everything.
    pub(crate) fn uses(self, load: Load) -> Vec<Use> {
        let mut uses = vec![
            Use {
                what: NODE_CPU,
                part: self.node_cores(load) / (NODE_CORES * NODE_UTILISATION),
            },
            Use {
                what: NODE_RAM,
                part: self.node_memory(load) / (NODE_MEMORY * GIBI * NODE_UTILISATION),
            },
            Use {
                what: NODE_NET,
                part: self.node_bits(load) / (NODE_NETWORK * 1e9 * NODE_UTILISATION),
            },
        ];
        if self.postgres == 0.0 {
            uses.push(Use {
                what: SQLITE,
                part: load.messages() / (self.sqlite * SQLITE_ROWS * NODE_UTILISATION),
            });
            uses.push(Use {
                what: POSTGRES_DISK,
                part: load.stored() / (self.sqlite * SHARD_DISK * 1e12),
            });
            return uses;
        }
        uses.extend([
            Use {
                what: POSTGRES_TIME,
                part: self.postgres_time(load) / POSTGRES_UTILISATION,
            },
            Use {
                what: POSTGRES_DISK,
                part: load.stored() / (self.postgres * SHARD_DISK * 1e12),
            },
            Use {
                what: POSTGRES_SOCKETS,
                part: self.nodes * CONNECTIONS_PER_SHARD / POSTGRES_CONNECTIONS,
            },
            Use {
                what: NATS_RATE,
                part: self.bus_messages(load)
                    / (self.nats_servers() * NATS_MESSAGES * NATS_CORES * NATS_UTILISATION),
            },
            Use {
                what: NATS_BYTES,
                part: self.bus_bits(load) / (self.nats_servers() * NATS_NETWORK * 1e9 * NATS_UTILISATION),
            },
            Use {
                what: GOSSIP,
                part: self.gossip(load) / NATS_MESSAGES,
            },
            Use {
                what: PRESENCE,
                part: load.users * PRESENCE_BYTES / (PRESENCE_MEMORY * GIBI),
            },
        ]);
        uses
    }

    pub(crate) fn nats_servers(self) -> f64 {
        self.nats * NATS_CLUSTER
    }

    /// The part of messages whose recipient is on another node.
    fn remote(self) -> f64 {
        1.0 - 1.0 / self.nodes
    }

    /// Cores that each node's load takes.
    pub(crate) fn node_cores(self, load: Load) -> f64 {
        let each = MESSAGE_CPU + (RECIPIENTS - 1.0).max(0.0) * DELIVERY_CPU + self.remote() * BUS_CPU;
        let loss = if self.nodes > 1.0 || load.messages() * each > 1e6 {
            MULTICORE_LOSS
        } else {
            1.0
        };
        load.messages() * each * loss / 1e6 / self.nodes
    }

    pub(crate) fn node_memory(self, load: Load) -> f64 {
        let connection = (CONNECTION_MEMORY + TLS_MEMORY + KERNEL_MEMORY) * KIBI;
        let presence = if self.nodes > 1.0 {
            load.users * PRESENCE_BYTES
        } else {
            0.0
        };
        load.users / self.nodes * connection + presence
    }

    /// In or out, whichever is more: out to clients, to the database and to the bus.
    pub(crate) fn node_bits(self, load: Load) -> f64 {
        let message = PAYLOAD + FRAME_OVERHEAD;
        let database = if self.postgres == 0.0 { 0.0 } else { message };
        let bytes = message * RECIPIENTS + database + message * self.remote() * RECIPIENTS;
        load.messages() * bytes * 8.0 / self.nodes
    }

    /// Rows that a writer of one node and shard puts into one transaction: the more nodes and shards, the fewer.
    pub(crate) fn batch(self, load: Load) -> f64 {
        (load.messages() / (self.nodes * self.postgres * COMMITS)).max(1.0)
    }

    /// The part of one PostgreSQL's time that its share of rows takes.
    fn postgres_time(self, load: Load) -> f64 {
        let rows = load.messages() / self.postgres;
        rows * (POSTGRES_ROW + POSTGRES_TRANSACTION / self.batch(load)) / 1e6
    }

    /// Messages on the bus: one for each destination among a transaction's rows, in and out of a server, and once more over
    /// the route to the server that the destination is connected to.
    pub(crate) fn bus_messages(self, load: Load) -> f64 {
        let batch = self.batch(load);
        let others = self.nodes - 1.0;
        // How many of the other nodes at least one row of a batch is for.
        let destinations = others * (1.0 - (1.0 - 1.0 / self.nodes).powf(batch * RECIPIENTS));
        let batches = load.messages() / batch;
        batches * destinations * (2.0 + routed())
    }

    fn bus_bits(self, load: Load) -> f64 {
        let bytes = load.messages() * RECIPIENTS * self.remote() * (PAYLOAD + FRAME_OVERHEAD);
        bytes * (2.0 + routed()) * 8.0
    }

    /// Announcements, to every other node, at their worst: while the devices of a dead node come back. And heartbeats.
    pub(crate) fn gossip(self, load: Load) -> f64 {
        let others = self.nodes - 1.0;
        let everyday = 2.0 * load.users * RECONNECTS / SECONDS_A_DAY;
        let storm = load.users / self.nodes / STORM_SECONDS;
        // Of each node at most one message every so often, however many devices it tells of.
        let announced = ((everyday + storm) / others.max(1.0)).min(1.0 / GOSSIP_BATCH) * self.nodes;
        (announced + self.nodes / HEARTBEAT) * others
    }

    /// The same if each announcement were a message of its own.
    pub(crate) fn gossip_without_batches(self, load: Load) -> f64 {
        load.users / self.nodes / STORM_SECONDS * (self.nodes - 1.0)
    }

    /// Bytes a second that all databases write.
    pub(crate) fn written(load: Load) -> f64 {
        load.messages() * PAYLOAD * WRITE_AMPLIFICATION
    }

    pub(crate) fn stored_terabytes(load: Load) -> f64 {
        load.stored() / 1e12
    }

    pub(crate) fn price(self) -> f64 {
        if self.postgres == 0.0 {
            return self.nodes * NODE_PRICE;
        }
        // A node more than the load needs; two databases for each shard and for the accounts.
        (self.nodes + 1.0) * NODE_PRICE
            + (self.postgres + 1.0) * 2.0 * POSTGRES_PRICE
            + self.nats_servers() * NATS_PRICE
            + 2.0 * BALANCER_PRICE
    }
}

/// The part of messages whose two nodes are on different servers of a cluster: each costs another hop, out and in.
fn routed() -> f64 {
    2.0 * (1.0 - 1.0 / NATS_CLUSTER)
}

const NODE_CPU: &str = "processor of the nodes";
const NODE_RAM: &str = "memory of the nodes";
const NODE_NET: &str = "network of the nodes";
const SQLITE: &str = "group commit of SQLite";
const POSTGRES_TIME: &str = "processor of PostgreSQL";
const POSTGRES_DISK: &str = "disk of the log";
const POSTGRES_SOCKETS: &str = "connections of each PostgreSQL";
const NATS_RATE: &str = "messages through NATS";
const NATS_BYTES: &str = "bytes through NATS";
const GOSSIP: &str = "gossip";
const PRESENCE: &str = "memory for presence";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_cluster_bears_its_load_and_not_ten_times_as_much() {
        for users in [200.0, 2_000.0, 20_000.0, 200_000.0, 2_000_000.0] {
            let load = Load { users };
            let cluster = Cluster::smallest(load);
            assert!(cluster.worst(load).unwrap().part <= 1.0, "{cluster:?}");
        }
        let load = Load { users: 2_000_000.0 };
        let ten_times = Load { users: 20_000_000.0 };
        assert!(Cluster::smallest(load).worst(ten_times).unwrap().part > 1.0);
    }
}
