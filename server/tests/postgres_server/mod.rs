//! A PostgreSQL server for tests and benchmarks: its own processes and files, gone with the process that asked for it.

#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "each of its users needs a part of it, and all of them may panic"
)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// Runs until its standard input ends, which it does when this process ends, however that comes about. PostgreSQL's log
/// goes to standard output.
const SCRIPT: &str = r#"
    PATH="$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)"
    command -v initdb >/dev/null || { echo "initdb is not installed"; exit 1; }
    cd / && folder=$(mktemp -d /tmp/sotto-postgres-XXXXXX) || exit 1
    echo "folder $folder"
    if initdb --pgdata "$folder/data" --username sotto --auth trust --no-sync --encoding UTF8 --locale C; then
        exec 3<&0
        postgres -D "$folder/data" -k "$folder" -c listen_addresses= -c max_connections=300 "$@" 2>&1 </dev/null &
        server=$!
        cat <&3 >/dev/null
        kill -QUIT $server
        wait $server
    fi
    rm -rf "$folder"
"#;

/// A server that runs.
pub(crate) struct PostgresServer {
    /// Where its socket and its data are.
    folder: PathBuf,
    /// Its end is the server's.
    input: Option<ChildStdin>,
    child: Child,
}

impl PostgresServer {
    /// Starts a server with more settings, `name=value`.
    pub(crate) fn start(settings: &[&str]) -> Self {
        let mut command = if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
            // PostgreSQL does not run as root.
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--", "sh", "-c", SCRIPT, "sh"]);
            command
        } else {
            let mut command = Command::new("sh");
            command.args(["-c", SCRIPT, "sh"]);
            command
        };
        let mut child = command
            .args(settings.iter().flat_map(|setting| ["-c", setting]))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell runs");
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut log = String::new();
        while !log.contains("ready to accept connections") {
            let read = output.read_line(&mut log).unwrap();
            assert!(
                read > 0,
                "PostgreSQL does not start; `cargo xtask test` installs what it needs.\n{log}"
            );
        }
        let folder = log.lines().find_map(|line| line.strip_prefix("folder "));
        let folder = folder.expect("the first line").into();
        // Nobody reads its log any more, but it has to be able to write it.
        std::thread::spawn(move || {
            let mut rest = [0; 4096];
            while output.read(&mut rest).is_ok_and(|read| read > 0) {}
        });
        Self { folder, input, child }
    }

    /// The one that the tests of this process share.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<PostgresServer> = OnceLock::new();
        // Segments that are done with are removed and not kept for later, so that nothing of the past is left in them.
        SHARED.get_or_init(|| {
            Self::start(&[
                "fsync=off",
                "wal_recycle=off",
                "min_wal_size=32MB",
                "wal_init_zero=off",
            ])
        })
    }

    /// A URL of this server with a schema as its place.
    pub(crate) fn url(&self, schema: &str) -> String {
        let socket = self.folder.display();
        format!("postgres://sotto@localhost/postgres?host={socket}&options[search_path]={schema}")
    }

    /// Where its socket is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// All that the server keeps on disk.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// What its processes that still run have used of the processors, to the hundredth of a second.
    pub(crate) fn cpu_time(&self) -> Duration {
        let id = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let server = id.lines().next().unwrap().to_owned();
        let ticks: u64 = std::fs::read_dir("/proc")
            .unwrap()
            .filter_map(|process| std::fs::read_to_string(process.unwrap().path().join("stat")).ok())
            .filter_map(|stat| {
                // After the name in parentheses: state, parent, …; user and system time come 12th.
                let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
                let ticks = |place: usize| fields.get(place)?.parse::<u64>().ok();
                (*fields.get(1)? == server).then_some(ticks(11)? + ticks(12)?)
            })
            .sum();
        Duration::from_millis(ticks * 10)
    }

    /// Whether any of its files has these bytes.
    pub(crate) fn has_on_disk(&self, bytes: &[u8]) -> bool {
        has_bytes(&self.data(), bytes)
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// Whether a file somewhere below the folder has these bytes.
fn has_bytes(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return has_bytes(&path, bytes);
        }
        // A file may have gone meanwhile.
        let content = std::fs::read(&path).unwrap_or_default();
        memchr::memmem::find(&content, bytes).is_some()
    })
}
