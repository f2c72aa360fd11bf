//! What a run needs before it can begin: a server, and accounts on it.

use super::accounts::{Roster, Service};
use super::engine::TlsClient;
use super::machine::{Cores, raise_open_files, sync_cost};
use super::options::{Bare, Common, Storage};
use super::server::{OwnServer, copy_folder};
use super::tls;
use anyhow::{Context as _, Result, bail};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a run needs of accounts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Need {
    /// Accounts, each with a device that connects.
    pub(crate) accounts: usize,
    /// Direct chats, of the accounts two by two.
    pub(crate) pairs: usize,
    /// Members of a group, beside account 0, which sends.
    pub(crate) members: Option<usize>,
}

/// A server, and accounts on it.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) address: SocketAddr,
    /// How TLS is spoken there, if it is.
    pub(crate) tls: Option<TlsClient>,
    pub(crate) roster: Roster,
    /// The processes of the server, as far as they are known.
    pub(crate) processes: Vec<u32>,
    pub(crate) load_cores: Cores,
    /// What is said of it in the report.
    pub(crate) conditions: Conditions,
    server: Option<OwnServer>,
    folder: Option<PathBuf>,
}

/// The conditions of a run.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Conditions {
    pub(crate) server: String,
    pub(crate) storage: String,
    pub(crate) server_cores: String,
    pub(crate) load_cores: String,
    /// The median of a page's `fdatasync` on the disk of the state folder, before the run.
    pub(crate) sync_before_micros: u64,
    /// The same after it.
    pub(crate) sync_after_micros: u64,
    pub(crate) payload_bytes: usize,
}

impl Scene {
    /// Starts what is to be started, and makes what is missing.
    pub(crate) fn set(common: &Common, need: Need) -> Result<Self> {
        raise_open_files(need.accounts as u64)?;
        let (server_cores, load_cores) = common.cores()?;
        let state = common.state()?;
        let sync = sync_cost(&state)?;
        let mut scene = match &common.url {
            Some(url) => Self::of_running(common, url, need, &state, load_cores)?,
            None => Self::of_own(common, need, &state, &server_cores, load_cores)?,
        };
        scene.conditions.sync_before_micros = micros(sync);
        Ok(scene)
    }

    fn of_running(common: &Common, url: &str, need: Need, state: &Path, load_cores: Cores) -> Result<Self> {
        if common.tls || url.starts_with("https:") {
            bail!(
                "TLS is spoken with a server that is started alone, for no other certificate is trusted: leave --url out"
            );
        }
        let folder = state.join(format!("of-{:016x}", hash(url)));
        std::fs::create_dir_all(&folder)?;
        let roster = filled(&folder.join("roster.json"), url, need)?;
        let host = url.trim_start_matches("http://").trim_end_matches('/');
        let address = host
            .to_socket_addrs()
            .with_context(|| format!("{host} is no address; --url takes http://host:port"))?
            .next()
            .with_context(|| format!("{host} has no address"))?;
        Ok(Self {
            address,
            tls: None,
            roster,
            processes: common.pid.clone(),
            conditions: Conditions::new(
                common,
                url,
                "as it is configured",
                "as it was started",
                &load_cores,
            ),
            load_cores,
            server: None,
            folder: None,
        })
    }

    fn of_own(
        common: &Common,
        need: Need,
        state: &Path,
        server_cores: &Cores,
        load_cores: Cores,
    ) -> Result<Self> {
        let binary = common.binary()?;
        let storage = common.storage();
        let (home, words) = match &storage {
            Storage::Folder => (state.join("sqlite"), "SQLite, synchronous = FULL".to_owned()),
            Storage::Urls { database, log } => (
                state.join(format!("on-{:016x}", hash(database))),
                format!("PostgreSQL, {} log shards", log.len()),
            ),
        };
        let seed = home.join("seed");
        std::fs::create_dir_all(&seed)?;
        let file = home.join("roster.json");
        let roster = Roster::read(&file)?;
        let roster = if roster.suffices(need) {
            roster
        } else {
            // On all cores: this is not measured.
            let server = OwnServer::start(&binary, &seed, &storage, &Cores::available()?)?;
            let roster = filled(&file, server.url(), need)?;
            server.stop()?;
            roster
        };
        // What a run writes is gone after it, so that every run begins with the same databases.
        let folder = home.join(format!("run-{}", std::process::id()));
        let (server, tls, name, words) = if let Some(bare) = common.bare {
            std::fs::create_dir_all(&folder)?;
            let binary = common.bare_binary()?;
            let server = OwnServer::start_bare(&binary, bare, &file, &folder, server_cores)?;
            let words = match bare {
                Bare::Durable => words,
                Bare::Volatile => "nowhere".to_owned(),
            };
            (server, None, "the bare relay", words)
        } else {
            copy_folder(&seed, &folder)?;
            if common.tls {
                let server = OwnServer::start_with_tls(&binary, &folder, &storage, server_cores)?;
                (server, Some(tls::client()?), "own, over TLS", words)
            } else {
                let server = OwnServer::start(&binary, &folder, &storage, server_cores)?;
                (server, None, "own", words)
            }
        };
        Ok(Self {
            address: server.address(),
            tls,
            roster,
            processes: vec![server.process()],
            conditions: Conditions::new(common, name, &words, &server_cores.to_string(), &load_cores),
            load_cores,
            server: Some(server),
            folder: Some(folder),
        })
    }

    /// Ends what was started, and takes the disk's measure once more.
    pub(crate) fn strike(mut self, common: &Common) -> Result<Conditions> {
        if let Some(server) = self.server.take() {
            server.stop()?;
        }
        self.conditions.sync_after_micros = micros(sync_cost(&common.state)?);
        Ok(self.conditions.clone())
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.server = None;
        if let Some(folder) = &self.folder {
            // Nothing in it is needed any more, and it may be large.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

impl Conditions {
    /// What it cost to be durable.
    pub(crate) fn fsync(&self) -> String {
        let millis = |micros: u64| Duration::from_micros(micros).as_secs_f64() * 1e3;
        format!(
            "{:.2} ms before, {:.2} ms after",
            millis(self.sync_before_micros),
            millis(self.sync_after_micros)
        )
    }

    fn new(common: &Common, server: &str, storage: &str, server_cores: &str, load_cores: &Cores) -> Self {
        Self {
            server: server.to_owned(),
            storage: storage.to_owned(),
            server_cores: server_cores.to_owned(),
            load_cores: load_cores.to_string(),
            sync_before_micros: 0,
            sync_after_micros: 0,
            payload_bytes: common.payload,
        }
    }
}

/// The roster of a server that runs, with all that is needed.
fn filled(file: &Path, url: &str, need: Need) -> Result<Roster> {
    let mut roster = Roster::read(file)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let filled = runtime.block_on(Service::new(url).fill(&mut roster, need));
    // What was made is there, whatever failed after it.
    roster.write(file)?;
    filled.map(|()| roster)
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
