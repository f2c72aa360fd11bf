//! The command line of `sotto-load`.

use super::machine::Cores;
use super::modes::{Direct, Footprint, Goals, Group, Idle, Mission, Overload, Slow, Soak, Storm};
use anyhow::Context as _;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Puts load on a Sotto server and says what became of it.
#[derive(Debug, Parser)]
#[command(name = "sotto-load", bin_name = "cargo xtask load", max_term_width = 110)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) mode: Mode,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// What to measure.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Mode {
    /// Connections that have said one message and then nothing: memory and processor time of each
    Idle(Idle),
    /// Pairs of devices: in each one sends, the other receives and acknowledges
    Direct(Direct),
    /// One sender in a chat with many connected members
    Group(Group),
    /// Members of a group stop reading in the middle of the run; what do the others notice?
    Slow(Slow),
    /// All devices but a few lose their connection at once, miss a message, and come back
    Storm(Storm),
    /// Many connections, each sender saying two messages a second, durable, by a schedule
    Mission(Mission),
    /// Half of what the server can do, for hours: is its memory flat?
    Soak(Soak),
    /// Twice what the server can do: how much does it still do, and at what price in memory?
    Overload(Overload),
    /// A server starts over a large database: how long until the first login, and what does it take?
    Footprint(Footprint),
    /// All rows of the table of goals that are the server's, one after the other, as a table in Markdown
    Goals(Goals),
}

/// How to measure.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// A server that runs already, as http://host:port. Without it, one is started
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) url: Option<String>,

    /// Speak TLS with the server that is started; no other certificate than its own is trusted
    #[arg(long, global = true, conflicts_with = "url")]
    pub(crate) tls: bool,

    /// Process of that server, to measure what it takes; may be given for several
    #[arg(long, global = true, value_name = "PID")]
    pub(crate) pid: Vec<u32>,

    /// The server's program
    #[arg(long, global = true, value_name = "FILE", env = "SOTTO_SERVER_BIN")]
    pub(crate) server_binary: Option<PathBuf>,

    /// Measure the bare relay instead of a server: what the same work costs at least
    #[arg(long, global = true, value_enum, conflicts_with_all = ["url", "database", "tls"])]
    pub(crate) bare: Option<Bare>,

    /// The bare relay's program [default: sotto-bare beside this one]
    #[arg(long, global = true, value_name = "FILE", env = "SOTTO_BARE_BIN")]
    pub(crate) bare_binary: Option<PathBuf>,

    /// Cores for the server [default: the first half]
    #[arg(long, global = true, value_name = "CORES")]
    pub(crate) server_cores: Option<Cores>,

    /// Cores for the load, a thread each [default: those that the server leaves]
    #[arg(long, global = true, value_name = "CORES")]
    pub(crate) load_cores: Option<Cores>,

    /// Database of accounts of the server that is started, as postgres://… [default: SQLite in a folder of its own]
    #[arg(long, global = true, value_name = "URL", requires = "log")]
    pub(crate) database: Option<String>,

    /// Databases of its log, separated by commas
    #[arg(
        long,
        global = true,
        value_name = "URL,…",
        value_delimiter = ',',
        requires = "database"
    )]
    pub(crate) log: Vec<String>,

    /// Folder for accounts that are kept for the next run, and for databases; on the disk to be measured
    #[arg(
        long,
        global = true,
        value_name = "FOLDER",
        env = "SOTTO_LOAD_STATE",
        default_value = "target/load"
    )]
    pub(crate) state: PathBuf,

    /// Seconds to measure
    #[arg(long, global = true, default_value_t = 10)]
    pub(crate) seconds: u64,

    /// Seconds to run before
    #[arg(long, global = true, default_value_t = 2)]
    pub(crate) warm_up: u64,

    /// Seconds that messages are kept by the server; 0: for good
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 0)]
    pub(crate) keep_for: u32,

    /// Bytes of a message as the server sees it, at least 31
    #[arg(long, global = true, default_value_t = 300)]
    pub(crate) payload: usize,

    /// Write the result there too
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

/// Which bare relay stands in the server's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bare {
    /// One that writes every message to SQLite before it passes it on
    Durable,
    /// One without a database
    Volatile,
}

/// Where a server that is started keeps things.
#[derive(Clone, Debug)]
pub(crate) enum Storage {
    /// In SQLite, in its folder.
    Folder,
    /// In databases that are there.
    Urls {
        /// The database of accounts.
        database: String,
        /// The databases of the log.
        log: Vec<String>,
    },
}

impl Common {
    pub(crate) fn storage(&self) -> Storage {
        match &self.database {
            Some(database) => Storage::Urls {
                database: database.clone(),
                log: self.log.clone(),
            },
            None => Storage::Folder,
        }
    }

    /// The program of a server of our own.
    pub(crate) fn binary(&self) -> anyhow::Result<PathBuf> {
        let binary = self
            .server_binary
            .as_ref()
            .context("which server? --server-binary names its program, --url one that runs")?;
        binary
            .canonicalize()
            .with_context(|| format!("there is no program {}", binary.display()))
    }

    /// The program of the bare relay.
    pub(crate) fn bare_binary(&self) -> anyhow::Result<PathBuf> {
        let binary = match &self.bare_binary {
            Some(binary) => binary.clone(),
            None => std::env::current_exe()?.with_file_name("sotto-bare"),
        };
        binary.canonicalize().with_context(|| {
            format!(
                "there is no bare relay {}; --bare-binary says where it is",
                binary.display()
            )
        })
    }

    /// The state folder, which is there then.
    pub(crate) fn state(&self) -> anyhow::Result<PathBuf> {
        std::fs::create_dir_all(&self.state)
            .and_then(|()| self.state.canonicalize())
            .with_context(|| format!("cannot make {}", self.state.display()))
    }

    /// Cores for the server and for the load.
    pub(crate) fn cores(&self) -> anyhow::Result<(Cores, Cores)> {
        divide(self.server_cores.as_ref(), self.load_cores.as_ref())
    }
}

/// Divides the cores of this machine between server and load, as far as it is not said who gets which.
pub(crate) fn divide(server: Option<&Cores>, load: Option<&Cores>) -> anyhow::Result<(Cores, Cores)> {
    let all = Cores::available()?;
    let (half, rest) = all.halves();
    Ok(match (server, load) {
        (Some(server), Some(load)) => (server.clone(), load.clone()),
        (Some(server), None) => (server.clone(), all.without(server)),
        (None, Some(load)) => (all.without(load), load.clone()),
        (None, None) => (half, rest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
