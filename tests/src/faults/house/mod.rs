//! Everything that can break: nodes, their database and their bus, each reached through a proxy.

mod disk;
mod postgres;
mod program;

pub use disk::{FailingDisk, SmallDisk};
pub use postgres::Postgres;
pub use program::{Program, Ready};

use super::power::RecordingDisk;
use super::proxy::Proxy;
use super::workload::RunClock;
use crate::process::binary;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// MiB of a disk that is to be filled: room for an empty database of each kind and what a trial writes.
const SMALL_DISK_MEBIBYTES: usize = 48;
const SMALL_POSTGRES_DISK_MEBIBYTES: usize = 320;

/// Databases of a cluster: of accounts, and of two shards of the log.
const ACCOUNTS: &str = "accounts";
const LOGS: [&str; 2] = ["log0", "log1"];

/// One node of the server.
#[derive(Debug)]
pub struct Node {
    /// The node itself.
    pub program: Program,
    /// Between it and its clients.
    pub clients: Proxy,
    /// Between it and the database, if that is another program.
    pub database: Option<Proxy>,
    /// Between it and the bus, if there is one.
    pub bus: Option<Proxy>,
    address: SocketAddr,
}

impl Node {
    /// A node that is not started yet.
    async fn new(folder: &Path, number: usize, options: &[String]) -> Self {
        let address = free_address();
        let data = folder.join(format!("node-{number}"));
        let mut words = vec![
            binary().display().to_string(),
            "--listen".to_owned(),
            address.to_string(),
            "--data".to_owned(),
            data.display().to_string(),
            "--log-level".to_owned(),
            "warn".to_owned(),
            "--captcha".to_owned(),
            "off".to_owned(),
        ];
        words.extend_from_slice(options);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let log = folder.join(format!("node-{number}.log"));
        Self {
            program: Program::new(&words, Ready::Line, log),
            clients: Proxy::start(address).await,
            database: None,
            bus: None,
            address,
        }
    }
}

/// Where the logs are stored.
#[derive(Clone, Debug)]
pub enum StoredIn {
    /// In these files of SQLite.
    Sqlite(Vec<PathBuf>),
    /// In these databases of PostgreSQL.
    Postgres(Vec<String>),
}

/// Everything that can break.
#[derive(Debug)]
pub struct House {
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The database, if it is another program.
    pub database: Option<Postgres>,
    /// The bus, if there is one.
    pub bus: Option<Program>,
    /// The disk of the databases, if it is one that can be filled.
    pub disk: Option<SmallDisk>,
    // Last, so that whatever writes into it has ended.
    folder: TempDir,
}

impl House {
    /// One node on SQLite; on a small disk if that is wanted.
    pub async fn on_sqlite(on_small_disk: bool) -> Result<Self, String> {
        let (folder, data) = folder_of_one_node();
        let disk = on_small_disk
            .then(|| SmallDisk::mount(&data, SMALL_DISK_MEBIBYTES))
            .transpose()?;
        Self::one_node(folder, disk).await
    }

    /// One node on SQLite, on a disk that writes down what is done to it.
    pub async fn on_recording_disk(clock: RunClock) -> Result<(Self, RecordingDisk), String> {
        let (folder, data) = folder_of_one_node();
        let disk = RecordingDisk::mount(&data, clock)?;
        Ok((Self::one_node(folder, None).await?, disk))
    }

    async fn one_node(folder: TempDir, disk: Option<SmallDisk>) -> Result<Self, String> {
        let mut node = Node::new(folder.path(), 0, &[]).await;
        node.program.start().await?;
        Ok(Self {
            nodes: vec![node],
            database: None,
            bus: None,
            disk,
            folder,
        })
    }

    /// So many nodes on PostgreSQL and NATS, each behind proxies of its own; PostgreSQL on a small disk if that is wanted, and
    /// with its files synced or not.
    pub async fn cluster(nodes: usize, on_small_disk: bool, syncs: bool) -> Result<Self, String> {
        let folder = new_folder();
        let data = folder.path().join("postgres");
        std::fs::create_dir(&data).unwrap();
        let disk = on_small_disk
            .then(|| SmallDisk::mount(&data, SMALL_POSTGRES_DISK_MEBIBYTES))
            .transpose()?;
        let databases = [ACCOUNTS, LOGS[0], LOGS[1]];
        let database = Postgres::start(&data, folder.path().join("postgres.log"), &databases, syncs).await?;
        let at = free_address();
        let port = at.port().to_string();
        let words = ["nats-server", "-a", "127.0.0.1", "-p", &port];
        let mut bus = Program::new(&words, Ready::Listens(at), folder.path().join("nats.log"));
        bus.start().await?;
        let mut house = Self {
            nodes: Vec::new(),
            database: None,
            bus: Some(bus),
            disk,
            folder,
        };
        for number in 0..nodes {
            let to_database = Proxy::start(database.address()).await;
            let to_bus = Proxy::start(at).await;
            let url = |name| Postgres::url(to_database.address(), name);
            let options = [
                "--database".to_owned(),
                url(ACCOUNTS),
                "--log".to_owned(),
                LOGS.map(url).join(","),
                "--bus".to_owned(),
                format!("nats://{}", to_bus.address()),
            ];
            let mut node = Node::new(house.folder.path(), number, &options).await;
            node.database = Some(to_database);
            node.bus = Some(to_bus);
            // One after the other: the first creates the tables.
            node.program.start().await?;
            house.nodes.push(node);
        }
        house.database = Some(database);
        Ok(house)
    }

    /// Where clients reach the nodes, through the proxies.
    #[must_use]
    pub fn addresses(&self) -> Arc<[SocketAddr]> {
        self.nodes.iter().map(|node| node.clients.address()).collect()
    }

    /// Where the first node is, past its proxy.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.nodes.first().map(|node| node.address).unwrap()
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Where the logs are stored.
    #[must_use]
    pub fn logs(&self) -> StoredIn {
        match &self.database {
            None => StoredIn::Sqlite(vec![self.folder.path().join("node-0/log-0.db")]),
            Some(database) => {
                let urls = LOGS.map(|log| Postgres::url(database.address(), log));
                StoredIn::Postgres(urls.to_vec())
            }
        }
    }

    /// Where logs and databases are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Keeps the folder for somebody to look into, and says where it is.
    #[must_use]
    pub fn keep(mut self) -> PathBuf {
        self.folder.disable_cleanup(true);
        self.folder.path().to_owned()
    }

    /// Ends the nodes without a word.
    pub async fn kill_nodes(&mut self) {
        for node in &mut self.nodes {
            node.program.kill().await;
        }
    }

    /// Lines in the logs of nodes that say that a task panicked.
    #[must_use]
    pub fn panics(&self) -> Vec<String> {
        let logs = self.nodes.iter().map(|node| node.program.log());
        let lines = logs.flat_map(|log| log.lines().map(str::to_owned).collect::<Vec<_>>());
        lines.filter(|line| line.contains("panicked at")).collect()
    }
}

/// A folder, and in it the one in which a node that is alone keeps everything.
fn folder_of_one_node() -> (TempDir, PathBuf) {
    let folder = new_folder();
    let data = folder.path().join("node-0");
    std::fs::create_dir(&data).unwrap();
    (folder, data)
}

/// A folder that others than its owner can look into: PostgreSQL runs under another name.
fn new_folder() -> TempDir {
    let everybody = std::fs::Permissions::from_mode(0o755);
    let folder = tempfile::Builder::new()
        .prefix("sotto-faults-")
        .permissions(everybody)
        .tempdir();
    folder.unwrap()
}

/// An address on which nobody listens.
fn free_address() -> SocketAddr {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap()
}
